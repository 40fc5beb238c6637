"""A picture with its damage painted over it.

Axis letters: H height, W width.
"""

from __future__ import annotations

import numpy as np

from beholder.reports.canvas import Canvas, Color
from beholder.sampling import resize

FULL_POINTS = 40.0
"""From here on the paint is at its strongest, in every picture: so maps can be compared."""
_MOST_PX = 960
_STRONGEST = 0.8
_PALE = np.array([255, 214, 60], np.float32)
_STRONG = np.array([205, 20, 35], np.float32)
_INK: Color = (38, 42, 48)
_FOOT_PX, _SCALE_PX = 44, 160


def draw_damage(pixels: np.ndarray, points: np.ndarray, *, cell_px: float) -> bytes:
    """Paint damage over the grey picture, from yellow to red, with a scale below.

    Args:
        pixels: uint8 [H, W, 3].
        points: Damage of the cells, in points of the score, float [rows, columns].
        cell_px: Side of a cell in pixels of the picture.

    Returns:
        A PNG file, at most 960 pixels wide.
    """
    height, width = pixels.shape[:2]
    shown_width = min(width, _MOST_PX)
    shown_height = max(1, round(height * shown_width / width))
    picture = resize(pixels, height_px=shown_height, width_px=shown_width).mean(axis=0)[..., None]
    cover = _enlarge(points, cell_px * shown_width / width, (shown_height, shown_width))
    paint = _PALE + (_STRONG - _PALE) * cover
    amount = _STRONGEST * cover**0.5
    canvas = Canvas(max(shown_width, 2 * _SCALE_PX), shown_height + _FOOT_PX)
    canvas.paste((0, 0), picture + amount * (paint - picture))
    _draw_scale(canvas, shown_height)
    return canvas.to_png()


def _enlarge(points: np.ndarray, cell_px: float, shape: tuple[int, int]) -> np.ndarray:
    """Mix neighbouring cells, and cut what hangs over: float [H, W, 1] in 0..1."""
    levels = np.rint(255 * np.clip(points / FULL_POINTS, 0, 1)).astype(np.uint8)[..., None]
    sides = [
        max(length, round(count * cell_px))
        for count, length in zip(points.shape, shape, strict=True)
    ]
    smooth = resize(levels, height_px=sides[0], width_px=sides[1])[0, : shape[0], : shape[1]]
    cover: np.ndarray = smooth[..., None] / 255
    return cover


def _draw_scale(canvas: Canvas, top: int) -> None:
    share = np.linspace(0, 1, _SCALE_PX, dtype=np.float32)[None, :, None]
    bar = 225 + _STRONGEST * share**0.5 * (_PALE + (_STRONG - _PALE) * share - 225)
    canvas.paste((10, top + 10), np.repeat(bar, 10, axis=0))
    canvas.text((10, top + 36), "0", size_px=10, color=_INK)
    label = f"{FULL_POINTS:.0f} points lost"
    canvas.text((10 + _SCALE_PX, top + 36), label, size_px=10, color=_INK, anchor=0.5)
