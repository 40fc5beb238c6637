"""From a network's output to the scale of people: score, interval, word."""

from __future__ import annotations

from bisect import bisect_right

from beholder.cards import Calibration
from beholder.records import Word

_BOUNDS = (20.0, 40.0, 60.0, 80.0)
_WORDS: tuple[Word, ...] = ("bad", "poor", "fair", "good", "excellent")


def to_score(raw: float, calibration: Calibration) -> float:
    """Map a raw output to the 0..100 scale."""
    return 100.0 * min(max(calibration.slope * raw + calibration.intercept, 0.0), 1.0)


def to_interval(score: float, calibration: Calibration) -> tuple[float, float]:
    """Return the bounds between which people's mean opinion lies with the card's coverage."""
    half_width = calibration.half_width
    return max(score - half_width, 0.0), min(score + half_width, 100.0)


def to_word(score: float) -> Word:
    """Name a score: bad < 20 <= poor < 40 <= fair < 60 <= good < 80 <= excellent."""
    return _WORDS[bisect_right(_BOUNDS, score)]
