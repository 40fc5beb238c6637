"""Pictures of a pool: items of each model as dots coloured by opinion, and index against probe."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from beholder.errors import UsageError
from beholder.reports.canvas import Canvas, Color, Point

_PANEL_PX, _PLOT_PX, _HEAD_PX = 360, 320, 56
_MAX_COLUMNS = 4
_INK: Color = (38, 42, 48)
_GROUND: Color = (244, 246, 248)
_LOW: Color = (178, 24, 43)
_MIDDLE: Color = (235, 200, 120)
_HIGH: Color = (33, 102, 172)
_DOT_PX, _MARK_PX = 4.5, 11.0
_THREAD: Color = (190, 197, 204)
_WIDTH_PX, _HEIGHT_PX, _LEFT_PX, _MARGIN_PX, _NAMES_PX = 1060, 620, 90, 70, 360
_EDGE = 0.08
"""Share of a plot that stays free around its dots."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Panel:
    """One model's items in the plane."""

    title: str
    places: np.ndarray
    """float [items, 2]."""
    clusters: np.ndarray
    """Whole numbers [items], rising with the opinion."""


def draw_clusters(panels: Sequence[Panel], *, title: str) -> bytes:
    """Draw one panel per model, dots from red (worst opinions) to blue (best).

    Args:
        panels: At least one.
        title: One line above all.

    Returns:
        A PNG file.

    Raises:
        UsageError: No panel.
    """
    if not panels:
        raise UsageError("expected one panel or more to draw, found none; extract features first")
    columns = min(len(panels), _MAX_COLUMNS)
    rows = math.ceil(len(panels) / columns)
    canvas = Canvas(columns * _PANEL_PX, _HEAD_PX + rows * _PANEL_PX)
    canvas.text((20, 36), title, size_px=15, color=_INK)
    for number, panel in enumerate(panels):
        row, column = divmod(number, columns)
        left, top = column * _PANEL_PX + 20, _HEAD_PX + row * _PANEL_PX + 26
        canvas.text((left, top - 8), panel.title, size_px=11, color=_INK)
        canvas.fill((left, top), (left + _PLOT_PX, top + _PLOT_PX), color=_GROUND)
        last = max(1, int(panel.clusters.max()))
        for place, cluster in zip(_spread(panel.places), panel.clusters, strict=True):
            dot = (left + place[0] * _PLOT_PX, top + place[1] * _PLOT_PX)
            canvas.line([dot], width_px=_DOT_PX, color=_shade(int(cluster) / last))
    return canvas.to_png()


def draw_selector(names: Sequence[str], dbi: Sequence[float], probe: Sequence[float]) -> bytes:
    """Draw each model's own SRCC over its Davies-Bouldin index; a good selector falls.

    Args:
        names: Of the models.
        dbi: Index of each, finite.
        probe: SRCC of each.

    Returns:
        A PNG file.

    Raises:
        UsageError: No model.
    """
    if not names:
        raise UsageError("expected one model or more to draw, found none with a finite index")
    canvas = Canvas(_WIDTH_PX, _HEIGHT_PX)
    right, bottom = _WIDTH_PX - _NAMES_PX, _HEIGHT_PX - _MARGIN_PX
    canvas.fill((_LEFT_PX, _MARGIN_PX), (right, bottom), color=_GROUND)
    canvas.text((_LEFT_PX, 42), "Davies-Bouldin index and own SRCC", size_px=16, color=_INK)
    places = _spread(np.column_stack([dbi, -np.asarray(probe)]))
    width, height = right - _LEFT_PX, bottom - _MARGIN_PX
    # Names stand in a column, best model first, each with a line to its dot: beside the dots those
    # of models that lie close together would cover each other.
    order = np.argsort(places[:, 1], kind="stable")
    for line, model in enumerate(order):
        x, y = places[model]
        dot: Point = (_LEFT_PX + x * width, _MARGIN_PX + y * height)
        name_height = _MARGIN_PX + (line + 0.5) * height / len(order)
        canvas.line([dot, (right + 8.0, name_height)], width_px=1, color=_THREAD)
        canvas.line([dot], width_px=_MARK_PX, color=_HIGH)
        text = f"{names[model]}  {dbi[model]:.1f}, {probe[model]:.2f}"
        canvas.text((right + 14, name_height + 4), text, size_px=10, color=_INK)
    middle = (_LEFT_PX + width / 2, _HEIGHT_PX - 28)
    canvas.text(middle, "Davies-Bouldin index", size_px=13, color=_INK, anchor=0.5)
    side = (40, _MARGIN_PX + height / 2)
    canvas.text(side, "SRCC of a linear probe", size_px=13, color=_INK, anchor=0.5, upwards=True)
    return canvas.to_png()


def _spread(places: np.ndarray) -> np.ndarray:
    """Bring places [items, 2] into the unit square, with an edge around them."""
    low, size = places.min(axis=0), np.ptp(places, axis=0)
    unit = (places - low) / np.where(size > 0, size, 1)
    spread: np.ndarray = _EDGE + (1 - 2 * _EDGE) * unit
    return spread


def _shade(share: float) -> Color:
    low, high = (_LOW, _MIDDLE) if share < 0.5 else (_MIDDLE, _HIGH)
    part = 2 * share if share < 0.5 else 2 * share - 1
    red, green, blue = (round(a + part * (b - a)) for a, b in zip(low, high, strict=True))
    return red, green, blue
