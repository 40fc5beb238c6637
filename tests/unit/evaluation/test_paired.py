"""Paired differences: equal to scipy's interval, and blind to what both sides share."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from beholder.errors import DataError
from beholder.evaluation.paired import paired_mean


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_interval_is_that_of_scipy(level: float) -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(60, 9, 12), rng.normal(55, 9, 12)
    found = paired_mean(first, second, level=level)
    low, high = stats.ttest_rel(first, second).confidence_interval(level)
    assert found.difference - found.half_width == pytest.approx(low, abs=1e-9)
    assert found.difference + found.half_width == pytest.approx(high, abs=1e-9)


def test_what_both_share_cancels_out() -> None:
    hard = np.array([10.0, 50.0, 90.0])
    found = paired_mean(hard + np.array([3, 4, 5]), hard)
    alone = paired_mean([3, 4, 5], [0, 0, 0])
    assert found == pytest.approx(alone)


def test_one_pair_has_no_spread() -> None:
    assert paired_mean([7.0], [4.0]) == (3.0, 0.0)


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(DataError, match="found 2 and 3; align"):
        paired_mean([1, 2], [1, 2, 3])
    with pytest.raises(DataError, match="at least 1 items in the first values"):
        paired_mean([], [])
