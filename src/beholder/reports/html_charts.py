"""Geometry of the report's charts: where lines, bars and labels of inline SVG stand.

Positions are in the chart's own units, x to the right and y downwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from beholder.records import Score, TimelinePoint
from beholder.reports.table import show_time

WIDTH, HEIGHT = 640, 180
LEFT, RIGHT, TOP, BOTTOM = 34, 628, 10, 156
WORDS = ("bad", "poor", "fair", "good", "excellent")
_BIN_POINTS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """A text beside an axis."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One curve."""

    name: str
    points: str
    """As the attribute `points` of a polyline."""
    marks: tuple[tuple[float, float, str], ...]
    """Position and tool tip of each point."""
    number: int
    """Chooses its colour."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """Lines over a common axis of scores."""

    lines: tuple[Line, ...]
    ticks: tuple[Label, ...]
    """Along the lower axis."""
    rows: tuple[Label, ...]
    """Scores along the left axis."""
    bands: tuple[tuple[float, float, str], ...]
    """Top, height and word of each fifth of the scale."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One bar of a histogram."""

    x: float
    y: float
    width: float
    height: float
    word: str
    """Gives the colour."""
    tip: str


def timeline_chart(score: Score) -> Chart:
    """Draw the score of each look against time."""
    end = max(score.duration_seconds or 0.0, score.timeline[-1].time_seconds, 1e-3)
    step = _round_step(end / 6)
    count = int(end / step + 1e-9)
    return _chart(
        [_time_line(score.timeline, end)],
        [_tick(number * step / end, show_time(number * step)) for number in range(count + 1)],
    )


def rate_chart(curves: Mapping[str, Sequence[tuple[float, float, str]]]) -> Chart:
    """Draw scores against bit rate on a logarithmic axis.

    Args:
        curves: Name to its points: kbit/s above 0, score, tool tip.
    """
    rates = [kbps for points in curves.values() for kbps, _, _ in points]
    low, high = min(rates) / 1.15, max(rates) * 1.15
    span = math.log(high / low)
    lines = []
    for number, (name, points) in enumerate(curves.items()):
        placed = [
            (_x(math.log(kbps / low) / span), _y(score), tip) for kbps, score, tip in sorted(points)
        ]
        text = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in placed)
        lines.append(Line(name=name, points=text, marks=tuple(placed), number=number))
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    round_rates = [m * 10.0**power for power in range(first, last + 1) for m in (1, 2, 5)]
    shown = [rate for rate in round_rates if low <= rate <= high]
    return _chart(lines, [_tick(math.log(rate / low) / span, f"{rate:g}") for rate in shown])


def histogram(scores: Sequence[float]) -> tuple[Bar, ...]:
    """Count scores in steps of five points."""
    counts = [0] * (100 // _BIN_POINTS)
    for score in scores:
        counts[min(int(score // _BIN_POINTS), len(counts) - 1)] += 1
    tallest = max(1, *counts)
    width = (RIGHT - LEFT) / len(counts)
    return tuple(
        Bar(
            x=LEFT + number * width + 1,
            y=BOTTOM - (BOTTOM - TOP) * count / tallest,
            width=width - 2,
            height=(BOTTOM - TOP) * count / tallest,
            word=WORDS[number * _BIN_POINTS // 20],
            tip=f"{number * _BIN_POINTS} to {(number + 1) * _BIN_POINTS}: {count}",
        )
        for number, count in enumerate(counts)
    )


def _time_line(timeline: Sequence[TimelinePoint], end: float) -> Line:
    marks = tuple(
        (
            _x(point.time_seconds / end),
            _y(point.score),
            f"{show_time(point.time_seconds)}: {point.score:.2f}",
        )
        for point in timeline
    )
    return Line(name="", points=_points(marks), marks=marks, number=0)


def _points(marks: Sequence[tuple[float, float, str]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in marks)


def _chart(lines: Sequence[Line], ticks: Sequence[Label]) -> Chart:
    return Chart(
        lines=tuple(lines),
        ticks=tuple(ticks),
        rows=tuple(Label(x=LEFT - 6, y=_y(each) + 4, text=str(each)) for each in range(0, 101, 20)),
        bands=tuple(
            (_y(20.0 * (number + 1)), _y(0.0) - _y(20.0), word) for number, word in enumerate(WORDS)
        ),
    )


def _tick(share: float, text: str) -> Label:
    return Label(x=_x(share), y=BOTTOM + 16, text=text)


def _x(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * share, 1)


def _y(score: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * score / 100, 1)


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2, 5, 10... seconds, or of 1, 2, 5... minutes, not below."""
    steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000]
    small = [step for step in (0.1, 0.2, 0.5) if step >= least]
    return next(iter([*small, *(step for step in steps if step >= least)]), least)
