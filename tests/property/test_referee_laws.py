"""Laws of the referee: what must hold for any model and any opinions."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from beholder.errors import DataError
from beholder.evaluation.correlation import krcc, plcc, srcc
from beholder.evaluation.dependent import steiger_test, williams_test
from beholder.evaluation.krasula import judge_pairs, rated_pairs
from beholder.evaluation.logistic import fit_logistic
from beholder.evaluation.protocols import holdout_splits
from beholder.evaluation.resample import krcc_of_counts, resampled, srcc_of_counts
from beholder.evaluation.significance import compare_two, holm

# Few different values, so that ties are common.
VALUES = st.integers(-20, 20)


@st.composite
def columns(draw, count=2, min_size=7, max_size=40):
    """So many columns of equal length, each of which varies."""
    rows = draw(st.lists(st.tuples(*[VALUES] * count), min_size=min_size, max_size=max_size))
    found = np.array(rows, dtype=np.float64).T
    assume(all(len(set(column)) > 1 for column in found))
    return found


@given(pair=columns())
def test_correlations_are_those_of_scipy(pair):
    first, second = pair
    assert srcc(first, second) == pytest.approx(stats.spearmanr(first, second)[0], abs=1e-9)
    assert krcc(first, second) == pytest.approx(stats.kendalltau(first, second)[0], abs=1e-9)
    assert plcc(first, second) == pytest.approx(stats.pearsonr(first, second)[0], abs=1e-9)


@pytest.mark.parametrize("prepare", [srcc_of_counts, krcc_of_counts])
@settings(max_examples=20)
@given(pair=columns(), seed=st.integers(0, 99))
def test_a_rising_map_leaves_ranks_alone_on_every_resample(prepare, pair, seed):
    first, second = pair
    plain, mapped = resampled(
        [prepare(first, second), prepare(np.exp(first / 10), second)],
        len(first),
        num_resamples=20,
        seed=seed,
    ).T
    assert np.array_equal(plain, mapped, equal_nan=True)


@settings(max_examples=30)
@given(triple=columns(count=3), figure=st.sampled_from(["srcc", "plcc_raw", "rmse_raw"]))
def test_swapping_models_turns_the_sign(triple, figure):
    try:
        found = compare_two(triple[0], triple[1], triple[2], figure=figure, num_resamples=30)
    except DataError:
        # So few items that too many resamples are constant; the unit tests read the reason.
        return
    swapped = compare_two(triple[1], triple[0], triple[2], figure=figure, num_resamples=30)
    assert swapped.value == -found.value
    assert swapped.interval == pytest.approx((-found.interval[1], -found.interval[0]), abs=1e-12)
    assert swapped.p_value == found.p_value


@pytest.mark.parametrize("test", [williams_test, steiger_test])
@given(triple=columns(count=3))
def test_swapping_models_turns_the_statistic(test, triple):
    one, other, mos = triple
    ours, theirs, between = plcc(one, mos), plcc(other, mos), plcc(one, other)
    found = test(ours, theirs, between, num_items=len(mos))
    swapped = test(theirs, ours, between, num_items=len(mos))
    assert swapped.statistic == pytest.approx(-found.statistic, rel=1e-9)
    assert 0 <= found.p_value <= 1
    assert np.sign(found.statistic) == np.sign(ours - theirs)


# Now and then a fit on noise takes seconds to give up, so few are tried.
@settings(max_examples=12)
@given(pair=columns(), num_parameters=st.sampled_from([4, 5]))
def test_the_fit_converges_or_says_why(pair, num_parameters):
    predicted, mos = pair
    reason = ""
    try:
        curve = fit_logistic(predicted, mos, num_parameters=num_parameters).curve(predicted)
    except DataError as error:
        reason, curve = str(error), np.full_like(mos, mos.mean())
    assert not reason or "expected the logistic fit to converge" in reason
    # No worse than the mean of the opinions, which the curve can always be.
    assert np.sum((curve - mos) ** 2) <= np.sum((mos - mos.mean()) ** 2) * 1.0001


@given(found=st.lists(st.floats(0, 1), max_size=12))
def test_holm_only_raises_and_keeps_the_order(found):
    corrected = holm(found)
    assert np.all(corrected >= found)
    assert np.all(corrected <= 1)
    order = np.argsort(found, kind="stable")
    assert np.all(np.diff(corrected[order]) >= 0)


@settings(max_examples=30)
@given(pair=columns(), spread=st.floats(0.1, 20))
def test_pairs_do_not_feel_a_rising_line_and_turn_with_the_sign(pair, spread):
    predicted, mos = pair
    pairs = rated_pairs(mos, mos_std=spread, num_votes=10)
    plain, line, turned = (
        judge_pairs(values, pairs, num_resamples=1)
        for values in (predicted, 4 * predicted + 1, -predicted)
    )
    for name, figure in plain.items():
        assert line[name].value == figure.value
        if figure.value is None:
            assert figure.reason
        elif name == "auc_different_similar":
            assert turned[name].value == figure.value
        else:
            assert turned[name].value == pytest.approx(1 - figure.value)


@given(contents=st.lists(st.integers(0, 12), min_size=4, max_size=60), seed=st.integers(0, 99))
def test_splits_keep_contents_together_and_all_items(contents, seed):
    keys = [f"item {number}" for number in range(len(contents))]
    try:
        splits = holdout_splits(keys, list(map(str, contents)), seed=seed, num_repeats=3)
    except DataError:
        # Too few contents for a fifth; the unit tests say when.
        return
    of_key = dict(zip(keys, contents, strict=True))
    for part in splits.parts:
        assert sorted((*part.train, *part.test)) == sorted(keys)
        assert not {of_key[key] for key in part.train} & {of_key[key] for key in part.test}
