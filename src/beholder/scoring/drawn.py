"""Pictures that come out the same on every machine: drawn in whole numbers, without any library.

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

import numpy as np

_OCTAVES = (64, 32, 16, 8, 4, 2)
"""Sides of the cells of noise, in pixels; the height of each goes with its side."""


def draw_texture(height_px: int, width_px: int, *, seed: int) -> np.ndarray:
    """Draw coloured noise whose detail gets fainter as it gets finer, as that of photographs.

    Returns:
        uint8 [H, W, 3].
    """
    planes = [_draw_plane(height_px, width_px, seed=3 * seed + channel) for channel in range(3)]
    shared = sum(planes)
    # Colours of photographs go together: each plane is mostly what all three share.
    return np.stack([(shared + plane) // 4 for plane in planes], axis=-1).astype(np.uint8)


def draw_clip(num_frames: int, height_px: int, width_px: int, *, seed: int) -> np.ndarray:
    """Draw a pan over a texture that loses its detail half-way: uint8 [T, H, W, 3]."""
    wide = draw_texture(height_px, width_px + 2 * num_frames, seed=seed)
    coarse = wide[::2, ::2].repeat(2, axis=0).repeat(2, axis=1)
    frames = [
        (wide if number < num_frames // 2 else coarse)[:, 2 * number : 2 * number + width_px]
        for number in range(num_frames)
    ]
    return np.stack(frames)


def _draw_plane(height: int, width: int, *, seed: int) -> np.ndarray:
    total = np.zeros((height, width), np.int64)
    for octave, side in enumerate(_OCTAVES):
        total += side * _smooth_noise(height, width, side=side, seed=16 * seed + octave)
    plane: np.ndarray = total // sum(_OCTAVES)
    return plane


def _smooth_noise(height: int, width: int, *, side: int, seed: int) -> np.ndarray:
    """Noise of 0..255 at the corners of cells, mixed in proportion between them."""
    corners = _hash(height // side + 2, width // side + 2, seed=seed)
    rows, down = np.divmod(np.arange(height), side)
    columns, right = np.divmod(np.arange(width), side)
    upper = _mix(corners[rows][:, columns], corners[rows][:, columns + 1], right, side)
    lower = _mix(corners[rows + 1][:, columns], corners[rows + 1][:, columns + 1], right, side)
    return _mix(upper, lower, down[:, None], side)


def _mix(first: np.ndarray, second: np.ndarray, share: np.ndarray, side: int) -> np.ndarray:
    mixed: np.ndarray = (first * (side - share) + second * share) // side
    return mixed


def _hash(height: int, width: int, *, seed: int) -> np.ndarray:
    """Scatter 0..255 by multiplying and shifting 32-bit numbers."""
    row = np.arange(height, dtype=np.uint64)[:, None] * 374_761_393
    column = np.arange(width, dtype=np.uint64)[None] * 668_265_263
    mixed = (row + column + np.uint64(seed * 2_147_483_647)) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 13)) * 1_274_126_177) & 0xFFFFFFFF
    scattered: np.ndarray = ((mixed ^ (mixed >> 16)) & 0xFF).astype(np.int64)
    return scattered
