"""A picture of predictions against opinions with the fitted curve, one panel for each model."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beholder.errors import DataError, UsageError
from beholder.evaluation.correlation import srcc
from beholder.evaluation.logistic import fit_logistic
from beholder.reports.canvas import Canvas, Color, Point

MAX_PANELS = 12
MAX_DOTS = 4000
"""More items than this are thinned out evenly: more dots only fill the panel."""

_PANEL_PX, _PLOT_PX = 520, 400
_LEFT_PX, _TOP_PX, _HEAD_PX = 84, 64, 70
_MAX_COLUMNS = 3
_CURVE_POINTS = 80
_INK: Color = (38, 42, 48)
_GROUND: Color = (244, 246, 248)
_GRID: Color = (255, 255, 255)
_DOT: Color = (0, 114, 178)
_CURVE: Color = (213, 94, 0)
_DOT_PX, _FEW_DOT_PX, _RIM_PX = 4.5, 9.0, 2.0
_FEW = 200
_FEWEST_TICKS = 3

Limits = tuple[float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Cloud:
    """What one model and people say of the same items."""

    name: str
    predicted: Sequence[float]
    """[items], any scale."""
    mos: Sequence[float]
    """[items]."""


def draw_scatter(clouds: Sequence[Cloud], *, title: str) -> bytes:
    """Draw opinions over predictions, and the VQEG logistic where it converges.

    Args:
        clouds: One panel for each, in rows of at most three; 1 to 12.
        title: One line above all panels.

    Returns:
        A PNG file.

    Raises:
        UsageError: No panel, or too many.
    """
    if not 1 <= len(clouds) <= MAX_PANELS:
        raise UsageError(
            f"expected 1 to {MAX_PANELS} models in a picture, found {len(clouds)}; "
            "draw some at a time"
        )
    columns = min(len(clouds), _MAX_COLUMNS)
    rows = math.ceil(len(clouds) / columns)
    canvas = Canvas(columns * _PANEL_PX, _HEAD_PX + rows * _PANEL_PX)
    canvas.text((_LEFT_PX, 46), title, size_px=17, color=_INK)
    for index, cloud in enumerate(clouds):
        row, column = divmod(index, columns)
        _draw_panel(canvas, cloud, (column * _PANEL_PX, _HEAD_PX + row * _PANEL_PX))
    return canvas.to_png()


def _draw_panel(canvas: Canvas, cloud: Cloud, corner: Point) -> None:
    predicted, mos = np.array(cloud.predicted), np.array(cloud.mos)
    x_limits, y_limits = _limits(predicted), _limits(mos)
    left, top = corner[0] + _LEFT_PX, corner[1] + _TOP_PX
    _draw_frame(canvas, cloud, (left, top), x_limits, y_limits)

    def place(values: np.ndarray, opinions: np.ndarray) -> list[Point]:
        x = left + _PLOT_PX * (values - x_limits[0]) / (x_limits[1] - x_limits[0])
        y = top + _PLOT_PX * (y_limits[1] - opinions) / (y_limits[1] - y_limits[0])
        return list(zip(x.tolist(), y.tolist(), strict=True))

    dot_px = _FEW_DOT_PX if predicted.size <= _FEW else _DOT_PX
    step = math.ceil(predicted.size / MAX_DOTS)
    for point in place(predicted[::step], mos[::step]):
        # A pale rim keeps neighbours apart.
        canvas.line([point], width_px=dot_px + _RIM_PX, color=_GROUND)
        canvas.line([point], width_px=dot_px, color=_DOT)
    curve = _curve(predicted, mos)
    if curve is not None:
        values, fitted = curve
        points = place(values, np.clip(fitted, *y_limits))
        for start, end in itertools.pairwise(points):
            # One by one: a stroke costs as much as the box around it.
            canvas.line([start, end], width_px=4, color=_CURVE)


def _draw_frame(
    canvas: Canvas, cloud: Cloud, corner: Point, x_limits: Limits, y_limits: Limits
) -> None:
    left, top = corner
    right, bottom = left + _PLOT_PX, top + _PLOT_PX
    canvas.fill(corner, (right, bottom), color=_GROUND)
    for value in _ticks(x_limits):
        x = left + _PLOT_PX * (value - x_limits[0]) / (x_limits[1] - x_limits[0])
        canvas.line([(x, top), (x, bottom)], width_px=1.5, color=_GRID)
        canvas.text((x, bottom + 24), f"{value:g}", size_px=12, color=_INK, anchor=0.5)
    for value in _ticks(y_limits):
        y = bottom - _PLOT_PX * (value - y_limits[0]) / (y_limits[1] - y_limits[0])
        canvas.line([(left, y), (right, y)], width_px=1.5, color=_GRID)
        canvas.text((left - 10, y + 5), f"{value:g}", size_px=12, color=_INK, anchor=1)
    canvas.text((left, top - 16), _heading(cloud), size_px=14, color=_INK)
    middle = (left + right) / 2
    canvas.text((middle, bottom + 48), "predicted", size_px=13, color=_INK, anchor=0.5)
    centre = (left - 54, (top + bottom) / 2)
    canvas.text(centre, "opinion", size_px=13, color=_INK, anchor=0.5, upwards=True)


def _heading(cloud: Cloud) -> str:
    try:
        return f"{cloud.name}: SRCC {srcc(cloud.predicted, cloud.mos):.3f}"
    except DataError:
        return f"{cloud.name}: SRCC not defined"


def _curve(predicted: np.ndarray, mos: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    try:
        fit = fit_logistic(predicted, mos)
    except DataError:
        return None
    values = np.linspace(predicted.min(), predicted.max(), _CURVE_POINTS)
    return values, fit.curve(values)


def _limits(values: np.ndarray) -> Limits:
    """Return bounds with a margin; far outliers of a model stay inside."""
    low, high = float(values.min()), float(values.max())
    margin = 0.04 * (high - low) or 1.0
    return low - margin, high + margin


def _ticks(limits: Limits) -> list[float]:
    """Return round values (steps of 1, 2 or 5 times a power of ten) inside the limits."""
    low, high = limits
    power = 10.0 ** math.floor(math.log10((high - low) / _FEWEST_TICKS))
    step = max(m * power for m in (1, 2, 5) if m * power <= (high - low) / _FEWEST_TICKS)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(number * step, 12) for number in range(first, last + 1)]
