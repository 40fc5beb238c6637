"""A picture of scores against bit rate: curves of codecs or sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from beholder.errors import UsageError
from beholder.reports.canvas import Canvas, Color, Point

_WIDTH_PX, _HEIGHT_PX = 1200, 750
_LEFT, _RIGHT, _TOP, _BOTTOM = 110, 1050, 110, 640
_INK: Color = (38, 42, 48)
_PALE: Color = (120, 126, 134)
_GRID: Color = (255, 255, 255)
_BANDS: tuple[tuple[str, Color], ...] = (
    ("bad", (247, 232, 228)),
    ("poor", (248, 239, 227)),
    ("fair", (246, 245, 228)),
    ("good", (235, 244, 231)),
    ("excellent", (226, 241, 235)),
)
# Okabe and Ito's colours, which people with a colour deficiency can tell apart.
CURVE_COLORS: tuple[Color, ...] = (
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
)


class RatePoint(NamedTuple):
    """One encoded version of a clip."""

    kbps: float
    score: float
    is_knee: bool = False
    """More bits buy nothing that the model can be sure of; it gets a ring."""


def draw_rate_curve(curves: Mapping[str, Sequence[RatePoint]], *, title: str) -> bytes:
    """Draw scores against bit rate on a logarithmic axis.

    Args:
        curves: Points of each curve by its name, in any order; at most six, each with a point.
        title: One line above the picture.

    Returns:
        A PNG file of 1200 x 750 pixels.

    Raises:
        UsageError: No points, a rate that is not above 0, or more curves than colours.
    """
    rates = [point.kbps for points in curves.values() for point in points]
    if not rates or min(rates) <= 0 or len(curves) > len(CURVE_COLORS):
        raise UsageError(
            f"expected 1 to {len(CURVE_COLORS)} curves with rates above 0, found "
            f"{len(curves)} with rates {sorted(rates)}"
        )
    low, high = min(rates) / 1.25, max(rates) * 1.25
    canvas = Canvas(_WIDTH_PX, _HEIGHT_PX)
    _draw_frame(canvas, title, (low, high))
    for points, color in zip(curves.values(), CURVE_COLORS, strict=False):
        marks = [(_place(point, (low, high)), point.is_knee) for point in sorted(points)]
        canvas.line([place for place, _ in marks], width_px=3.5, color=color)
        for place, is_knee in marks:
            _draw_mark(canvas, place, color, ring=is_knee)
    _draw_legend(canvas, list(curves))
    return canvas.to_png()


def _draw_mark(canvas: Canvas, place: Point, color: Color, *, ring: bool) -> None:
    for width_px, paint in ((27, color), (21, _GRID)) if ring else ():
        canvas.line([place], width_px=width_px, color=paint)
    canvas.line([place], width_px=15, color=_GRID)
    canvas.line([place], width_px=11, color=color)


def _draw_frame(canvas: Canvas, title: str, limits: tuple[float, float]) -> None:
    for number, (word, color) in enumerate(_BANDS):
        top, bottom = _y(20.0 * (number + 1)), _y(20.0 * number)
        canvas.fill((_LEFT, top), (_RIGHT, bottom), color=color)
        middle = (top + bottom) / 2 + 6
        canvas.text((_RIGHT + 16, middle), word, size_px=14, color=_PALE)
    for score in range(0, 101, 20):
        y = _y(score)
        canvas.line([(_LEFT, y), (_RIGHT, y)], width_px=1.5, color=_GRID)
        canvas.text((_LEFT - 16, y + 7), str(score), size_px=15, color=_INK, anchor=1)
    for kbps in _ticks(*limits):
        x = _x(kbps, limits)
        canvas.line([(x, _TOP), (x, _BOTTOM)], width_px=1.5, color=_GRID)
        canvas.text((x, _BOTTOM + 30), f"{kbps:g}", size_px=15, color=_INK, anchor=0.5)
    centre = (_LEFT + _RIGHT) / 2
    canvas.text((_LEFT, 66), title, size_px=21, color=_INK)
    canvas.text((centre, _BOTTOM + 74), "bit rate in kbit/s", size_px=16, color=_INK, anchor=0.5)
    middle = (_TOP + _BOTTOM) / 2
    canvas.text((42, middle), "score", size_px=16, color=_INK, anchor=0.5, upwards=True)


def _draw_legend(canvas: Canvas, names: Sequence[str]) -> None:
    """Name the curves in the lower right corner, which rising curves leave free."""
    for row, (name, color) in enumerate(zip(names, CURVE_COLORS, strict=False)):
        y = _BOTTOM - 34 * (len(names) - row)
        canvas.line([(_RIGHT - 230, y), (_RIGHT - 180, y)], width_px=3.5, color=color)
        canvas.line([(_RIGHT - 205, y)], width_px=11, color=color)
        canvas.text((_RIGHT - 164, y + 8), name, size_px=16, color=_INK)


def _ticks(low: float, high: float) -> list[float]:
    """Return the round rates (1, 2, 5 times a power of ten) inside the limits."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    rates = [m * 10.0**power for power in range(first, last + 1) for m in (1, 2, 5)]
    return [rate for rate in rates if low <= rate <= high]


def _place(point: RatePoint, limits: tuple[float, float]) -> Point:
    return _x(point.kbps, limits), _y(point.score)


def _x(kbps: float, limits: tuple[float, float]) -> float:
    low, high = limits
    return _LEFT + (_RIGHT - _LEFT) * math.log(kbps / low) / math.log(high / low)


def _y(score: float) -> float:
    return _BOTTOM - (_BOTTOM - _TOP) * score / 100
