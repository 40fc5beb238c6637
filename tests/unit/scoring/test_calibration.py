from __future__ import annotations

import pytest

from beholder.cards import Calibration
from beholder.scoring.calibration import to_interval, to_score, to_word
from beholder.scoring.pooling import pool_frames, pool_windows

CALIBRATION = Calibration(slope=0.5, intercept=0.1, half_width=15.0, coverage=0.9, num_items=9)


@pytest.mark.parametrize(("raw", "score"), [(0.8, 50.0), (-3.0, 0.0), (7.0, 100.0)])
def test_score_is_linear_and_cut(raw: float, score: float) -> None:
    assert to_score(raw, CALIBRATION) == pytest.approx(score)


@pytest.mark.parametrize(
    ("score", "interval"), [(50.0, (35.0, 65.0)), (5.0, (0.0, 20.0)), (90.0, (75.0, 100.0))]
)
def test_interval_is_cut_to_the_scale(score: float, interval: tuple[float, float]) -> None:
    assert to_interval(score, CALIBRATION) == interval


@pytest.mark.parametrize(
    ("score", "word"),
    [
        (0.0, "bad"),
        (19.99, "bad"),
        (20.0, "poor"),
        (40.0, "fair"),
        (59.99, "fair"),
        (60.0, "good"),
        (80.0, "excellent"),
        (100.0, "excellent"),
    ],
)
def test_words_change_at_multiples_of_twenty(score: float, word: str) -> None:
    assert to_word(score) == word


def test_windows_are_weighed() -> None:
    assert pool_windows([0.25], detail_weight=0.75) == 0.25
    assert pool_windows([1.0, 0.0, 0.5], detail_weight=0.75) == pytest.approx(0.25 + 0.75 * 0.25)


def test_frames_are_pooled_by_the_harmonic_mean() -> None:
    assert pool_frames([63.0]) == pytest.approx(63.0)
    assert pool_frames([0.0, 100.0]) == pytest.approx(2 / (1 + 1 / 101) - 1)
    assert pool_frames([40.0, 60.0]) < 50.0
    assert pool_frames([0.0, 0.0]) == pytest.approx(0.0)
