"""The knee is the lowest rate within the uncertainty of the best, and that is about differences."""

from __future__ import annotations

import math

import numpy as np
import pytest

from beholder.errors import DataError
from beholder.evaluation.knee import find_knee, score_loss
from beholder.evaluation.paired import paired_mean
from beholder.records import Score
from beholder.scoring.pooling import pool_frames
from tests.score_factory import make_score


def steady(value: float, *, num_frames: int = 8) -> Score:
    return make_score([value] * num_frames)


def test_steady_frames_leave_the_floor_alone() -> None:
    loss = score_loss(steady(70), steady(66), floor=2.5)
    assert loss == pytest.approx((4.0, 2.5))


def test_shares_of_frames_add_up_to_the_score() -> None:
    # With one version constant, the mean of the differences must be that of the pooled scores.
    frames = [20.0, 55.0, 80.0, 61.0]
    loss = score_loss(steady(90, num_frames=4), make_score(frames), floor=0)
    assert loss.points == pytest.approx(90 - pool_frames(frames), abs=0.005)
    # The shares' spread is the jackknife's, in first order.
    without = [pool_frames(frames[:i] + frames[i + 1 :]) for i in range(4)]
    pooled = pool_frames(frames)
    jackknife = [4 * pooled - 3 * rest for rest in without]
    expected = paired_mean([90.0] * 4, jackknife, level=0.9).half_width
    assert loss.uncertainty == pytest.approx(expected, rel=0.3)


def test_frames_that_agree_are_surer_than_frames_that_do_not() -> None:
    best = make_score(np.linspace(40, 80, 9))
    even = make_score(np.linspace(37, 77, 9))
    uneven = make_score(np.linspace(40, 80, 9) - np.tile([0, 6, 3], 3))
    assert score_loss(best, even, floor=0).uncertainty < 0.5
    assert score_loss(best, uneven, floor=0).uncertainty > 1


def test_both_kinds_of_doubt_add_as_squares() -> None:
    best, other = make_score([50.0, 60.0, 70.0]), make_score([49.0, 55.0, 69.0])
    sampled = score_loss(best, other, floor=0).uncertainty
    both = score_loss(best, other, floor=3).uncertainty
    assert both == pytest.approx(math.hypot(sampled, 3), abs=0.01)


def test_knee_is_the_lowest_rate_that_is_near_enough() -> None:
    scores = [steady(value) for value in (70, 69, 67.5, 60)]
    knee = find_knee([4000, 2000, 1000, 500], scores, floor=2.75)
    assert knee.place == 2
    assert [loss.points for loss in knee.losses] == pytest.approx([0, 1, 2.5, 10])
    assert find_knee([4000, 2000, 1000, 500], scores, floor=2).place == 1
    assert find_knee([500, 1000, 2000, 4000], scores, floor=20).place == 0


def test_a_loss_that_is_shown_as_equal_to_its_uncertainty_is_within_it() -> None:
    scores = [steady(70), steady(67.0009)]
    assert find_knee([2, 1], scores, floor=2.995).place == 1
    assert find_knee([2, 1], scores, floor=2.994).place == 0


def test_best_need_not_have_the_highest_rate() -> None:
    knee = find_knee([3000, 1500, 700], [steady(68), steady(70), steady(50)], floor=1)
    assert knee.place == 1
    assert knee.losses[0].points == pytest.approx(2)


def test_one_frame_and_one_rung_will_do() -> None:
    assert find_knee([100], [steady(50, num_frames=1)], floor=1).place == 0


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(DataError, match="the same frames, found 8 and 7"):
        find_knee([2, 1], [steady(70), steady(60, num_frames=7)], floor=1)
    with pytest.raises(DataError, match="found 1 rates and 2 scores"):
        find_knee([2], [steady(70), steady(60)], floor=1)
    with pytest.raises(DataError, match="at least one rung, found 0 rates"):
        find_knee([], [], floor=1)
    with pytest.raises(DataError, match="floor of at least 0 points, found nan"):
        find_knee([1], [steady(70)], floor=math.nan)
