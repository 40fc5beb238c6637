"""Laws that every figure obeys, whatever the numbers."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.conformal import conformal_half_width, empirical_coverage
from beholder.evaluation.correlation import average_ranks, krcc, plcc, rmse, srcc
from beholder.evaluation.within import mean_within_group_srcc

CORRELATIONS = [srcc, krcc, plcc]
# Few different values, so that ties are common.
VALUES = st.integers(-20, 20)


@st.composite
def pairs(draw, min_size=3):
    """Two columns that both vary."""
    rows = draw(st.lists(st.tuples(VALUES, VALUES), min_size=min_size, max_size=40))
    first, second = np.array(rows, dtype=np.float64).T
    assume(len(set(first)) > 1)
    assume(len(set(second)) > 1)
    return first, second


@pytest.mark.parametrize("figure", CORRELATIONS)
@given(pair=pairs())
def test_correlations_are_symmetric_bounded_and_turn_with_the_sign(figure, pair):
    first, second = pair
    value = figure(first, second)
    assert -1 - 1e-12 <= value <= 1 + 1e-12
    assert figure(second, first) == pytest.approx(value, abs=1e-12)
    assert figure(-first, second) == pytest.approx(-value, abs=1e-12)


@pytest.mark.parametrize("figure", [*CORRELATIONS, rmse])
@given(pair=pairs(), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_items_does_not_matter(figure, pair, seed):
    order = np.random.default_rng(seed).permutation(len(pair[0]))
    shuffled = figure(pair[0][order], pair[1][order])
    assert shuffled == pytest.approx(figure(*pair), abs=1e-12)


@pytest.mark.parametrize("figure", [srcc, krcc])
@given(pair=pairs())
def test_ranks_do_not_feel_a_rising_map(figure, pair):
    first, second = pair
    assert figure(np.exp(first), second) == figure(first, second)


@given(pair=pairs(), slope=st.floats(0.1, 100), offset=st.floats(-100, 100))
def test_plcc_does_not_feel_a_rising_line(pair, slope, offset):
    first, second = pair
    assert plcc(slope * first + offset, second) == pytest.approx(plcc(first, second), abs=1e-9)


@given(values=st.lists(VALUES, min_size=1, max_size=50))
def test_ranks_share_the_same_sum(values):
    assert average_ranks(values).sum() == len(values) * (len(values) + 1) / 2


@given(pair=pairs(min_size=9), coverage=st.floats(0.1, 0.9))
def test_the_interval_covers_its_own_calibration_items(pair, coverage):
    half_width = conformal_half_width(*pair, coverage=coverage)
    assert empirical_coverage(*pair, half_width=half_width) >= coverage
    # No shorter interval with the same promise: one step down covers too few.
    shorter = math.nextafter(half_width, -1)
    if shorter >= 0:
        needed = math.ceil((len(pair[0]) + 1) * coverage - 1e-9)
        assert empirical_coverage(*pair, half_width=shorter) * len(pair[0]) < needed


@given(pair=pairs())
def test_one_group_is_the_whole(pair):
    groups = ["all"] * len(pair[0])
    assert mean_within_group_srcc(*pair, groups) == srcc(*pair)


@given(values=st.lists(VALUES, min_size=3, max_size=30), seed=st.integers(0, 1000))
def test_a_mean_stays_among_its_values(values, seed):
    low, high = bootstrap_interval(np.mean, values, num_resamples=50, seed=seed)
    assert min(values) - 1e-9 <= low <= high <= max(values) + 1e-9
