"""The grey levels that faults are measured on: all of a small frame, a sample of a large one.

Axis letters: N tiles, H height, W width.
"""

from __future__ import annotations

import numpy as np

WHOLE_AREA_PX = 1 << 19
"""Frames of up to this size are looked at whole."""
TILE_PX = 256
_GRID = 3
_ALIGN_PX = 8
"""Tiles begin on the grid of coded blocks."""


def to_luma(pixels: np.ndarray) -> np.ndarray:
    """Return the BT.709 grey levels of uint8 [..., 3] RGB as uint8 [...], in whole numbers."""
    wide = pixels.astype(np.uint16)
    # Whole weights that add up to 256: the sum of products stays below 2**16.
    luma = (54 * wide[..., 0] + 183 * wide[..., 1] + 19 * wide[..., 2] + 128) >> 8
    grey: np.ndarray = luma.astype(np.uint8)
    return grey


def cut_tiles(pixels: np.ndarray, *, scale: int = 1) -> np.ndarray:
    """Cut the parts of a frame that are looked at.

    Args:
        pixels: uint8 [H, W, 3], RGB.
        scale: Source pixels to a side of a pixel of the result, at least 1.

    Returns:
        uint8 [N, H', W'] grey levels: the whole frame as one tile, or, of a frame larger than
        `WHOLE_AREA_PX`, nine squares of `TILE_PX` that are spread over it.
    """
    height, width = pixels.shape[:2]
    side = TILE_PX * scale
    if height * width <= WHOLE_AREA_PX or min(height, width) < side:
        return _shrink(to_luma(pixels)[None], scale)
    tiles = [
        pixels[top : top + side, left : left + side]
        for top in _starts(height, side)
        for left in _starts(width, side)
    ]
    return _shrink(to_luma(np.stack(tiles)), scale)


def sample_levels(pixels: np.ndarray) -> np.ndarray:
    """Count grey levels on an even sample of at most `WHOLE_AREA_PX` pixels, int [256]."""
    step = 1
    while pixels.shape[0] * pixels.shape[1] > WHOLE_AREA_PX * step * step:
        step += 1
    return np.bincount(to_luma(pixels[::step, ::step]).ravel(), minlength=256)


def _starts(length: int, side: int) -> list[int]:
    """Spread squares evenly: in the middles of equal parts, on the grid."""
    room = length - side
    return [room * number // (_GRID - 1) // _ALIGN_PX * _ALIGN_PX for number in range(_GRID)]


def _shrink(tiles: np.ndarray, scale: int) -> np.ndarray:
    if scale == 1:
        return tiles
    count, height, width = tiles.shape[0], tiles.shape[1] // scale, tiles.shape[2] // scale
    cells = tiles[:, : height * scale, : width * scale].reshape(count, height, scale, width, scale)
    means: np.ndarray = np.rint(cells.mean(axis=(2, 4))).astype(np.uint8)
    return means
