"""A picture of how a training went: one line per term of the loss, over the steps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from beholder.errors import UsageError
from beholder.reports.canvas import Canvas, Color, Point

_WIDTH_PX, _HEIGHT_PX = 900, 520
_LEFT_PX, _RIGHT_PX, _TOP_PX, _BOTTOM_PX = 80, 720, 64, 450
_INK: Color = (38, 42, 48)
_GROUND: Color = (244, 246, 248)
_GRID: Color = (214, 219, 224)
_COLORS: tuple[Color, ...] = (
    (38, 42, 48),
    (33, 102, 172),
    (178, 24, 43),
    (27, 120, 55),
    (152, 78, 163),
)
_LINE_PX, _KEY_PX = 2.5, 26
_NUM_TICKS = 5


def draw_losses(steps: Sequence[int], terms: Mapping[str, Sequence[float]], *, title: str) -> bytes:
    """Draw the terms of a loss over the steps of a training.

    Args:
        steps: Where the terms were logged, above 0 and rising, two or more.
        terms: Name of each term to its value at every step, 0 or more.
        title: One line above all.

    Returns:
        A PNG file.

    Raises:
        UsageError: Fewer than two steps, no term, or a term of another length.
    """
    if len(steps) < 2 or not terms or any(len(v) != len(steps) for v in terms.values()):
        raise UsageError(
            "expected two logged steps or more and a value of each term at all of them, found "
            f"{len(steps)} steps and terms of {sorted(len(v) for v in terms.values())} values; "
            "train longer or with a smaller loop.log_every"
        )
    most = _round_up(max(max(values) for values in terms.values()))
    canvas = Canvas(_WIDTH_PX, _HEIGHT_PX)
    canvas.text((_LEFT_PX, 40), title, size_px=16, color=_INK)
    canvas.fill((_LEFT_PX, _TOP_PX), (_RIGHT_PX, _BOTTOM_PX), color=_GROUND)
    _draw_axes(canvas, steps[-1], most)
    for number, (name, values) in enumerate(terms.items()):
        color = _COLORS[number % len(_COLORS)]
        places = [
            _place(step / steps[-1], value / most)
            for step, value in zip(steps, values, strict=True)
        ]
        canvas.line(places, width_px=_LINE_PX, color=color)
        height = _TOP_PX + 20 + number * _KEY_PX
        canvas.line([(_RIGHT_PX + 20, height), (_RIGHT_PX + 44, height)], width_px=4, color=color)
        text = f"{name}  {values[-1]:.3f}"
        canvas.text((_RIGHT_PX + 54, height + 4), text, size_px=11, color=_INK)
    return canvas.to_png()


def _draw_axes(canvas: Canvas, last: int, most: float) -> None:
    for tick in range(_NUM_TICKS):
        share = tick / (_NUM_TICKS - 1)
        left, right = _place(0, share), _place(1, share)
        canvas.line([left, right], width_px=1, color=_GRID)
        text = f"{share * most:g}"
        canvas.text((left[0] - 10, left[1] + 4), text, size_px=10, color=_INK, anchor=1.0)
        under = (_place(share, 0)[0], _BOTTOM_PX + 20.0)
        canvas.text(under, f"{share * last:g}", size_px=10, color=_INK, anchor=0.5)
    middle = ((_LEFT_PX + _RIGHT_PX) / 2, _HEIGHT_PX - 18.0)
    canvas.text(middle, "step", size_px=12, color=_INK, anchor=0.5)


def _round_up(value: float) -> float:
    """Return the next value whose quarters are short numbers."""
    if value <= 0:
        return 1.0
    power: float = 10.0 ** math.floor(math.log10(value))
    return next(share * power for share in (1, 2, 4, 6, 8, 10) if share * power >= value)


def _place(across: float, up: float) -> Point:
    """Map shares of the plot, from its lower left, to pixels."""
    width, height = _RIGHT_PX - _LEFT_PX, _BOTTOM_PX - _TOP_PX
    return _LEFT_PX + across * width, _BOTTOM_PX - up * height
