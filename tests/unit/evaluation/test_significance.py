"""Tests between models: against published numbers, and cases with a known answer."""

import numpy as np
import pytest
from scipy import stats

from beholder.errors import DataError, UnknownName, UsageError
from beholder.evaluation.dependent import steiger_test, williams_test
from beholder.evaluation.significance import (
    compare_models,
    compare_two,
    correlation_test,
    holm,
)

GENERATOR = np.random.default_rng(5)
MOS = GENERATOR.normal(size=200)
GOOD = MOS + GENERATOR.normal(0, 0.3, 200)
FAIR = MOS + GENERATOR.normal(0, 0.6, 200)
FAIR_TOO = MOS + GENERATOR.normal(0, 0.6, 200)
MODELS = {"good": GOOD, "fair": FAIR, "fair too": FAIR_TOO}


def test_williams_repeats_the_worked_example():
    # r.test(103, .4, .5, .1) of the R package psych, after the example of Steiger (1980).
    found = williams_test(0.4, 0.5, 0.1, num_items=103)
    assert found.statistic == pytest.approx(-0.89, abs=0.005)
    assert found.p_value == pytest.approx(0.37, abs=0.01)


def test_williams_by_hand():
    # n = 12, r = 0.9 and 0.6, 0.5 between: |R| = 0.12, mean 0.75; T2 = 0.3 * sqrt(11 * 1.5 /
    # (2 * 11 / 9 * 0.12 + 0.5625 * 0.125)) = 0.3 * sqrt(16.5 / 0.3636458) = 2.02081
    found = williams_test(0.9, 0.6, 0.5, num_items=12)
    assert found.statistic == pytest.approx(2.02081, abs=1e-4)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.02081, 9), abs=1e-4)


@pytest.mark.parametrize(
    ("r_first", "r_second", "r_between", "statistic"),
    # Printed by the R package cocor (Diedenhofen and Musch, PLoS ONE 10, 2015) for 553 items.
    [(0.0228, 0.3522, 0.3718, -7.1345), (0.2493, 0.3395, 0.4082, -2.0660)],
)
def test_steiger_repeats_cocor(r_first, r_second, r_between, statistic):
    found = steiger_test(r_first, r_second, r_between, num_items=553)
    assert found.statistic == pytest.approx(statistic, abs=5e-4)


@pytest.mark.parametrize("test", [williams_test, steiger_test])
def test_the_edges_of_correlation(test):
    assert test(1.0, 1.0, 1.0, num_items=9).p_value == 1
    assert test(0.5, 0.5, 1.0, num_items=9).p_value == 1
    assert test(1.0, 0.5, 0.5, num_items=50).p_value < 1e-9
    assert test(0.8, -0.8, -1.0, num_items=50).p_value < 1e-9
    with pytest.raises(DataError, match="expected at least 4 items"):
        test(0.1, 0.2, 0.3, num_items=3)
    with pytest.raises(DataError, match="expected correlations in -1..1"):
        test(0.1, 1.2, 0.3, num_items=30)
    with pytest.raises(DataError, match="no items can have"):
        test(0.9, -0.9, 0.9, num_items=30)


def test_the_tests_agree_on_plain_cases():
    for figure in ("srcc", "plcc_raw", "plcc_fitted"):
        for test in ("williams", "steiger"):
            assert correlation_test(GOOD, FAIR, MOS, figure=figure, test=test).p_value < 1e-6
            assert correlation_test(FAIR, FAIR_TOO, MOS, figure=figure, test=test).p_value > 0.05


def test_false_alarms_are_as_rare_as_the_level():
    generator = np.random.default_rng(11)
    mos = generator.normal(size=(300, 60))
    first, second = (mos + generator.normal(0, 0.7, mos.shape) for _ in range(2))
    alarms = [
        correlation_test(*columns, figure="plcc_raw").p_value < 0.05
        for columns in zip(first, second, mos, strict=True)
    ]
    # 15 of 300 are meant; a binomial count is within 6..26 with a chance above 0.99.
    assert 6 <= sum(alarms) <= 26
    alarms = [
        compare_two(*columns, figure="plcc_raw", num_resamples=50).p_value < 0.05
        for columns in zip(first[:60], second[:60], mos[:60], strict=True)
    ]
    assert sum(alarms) <= 9


def test_the_paired_bootstrap_finds_and_bounds_the_difference():
    found = compare_two(GOOD, FAIR, MOS, figure="rmse_raw", num_resamples=400)
    assert found.value < 0
    assert found.interval[0] < found.value < found.interval[1] < 0
    assert found.p_value == pytest.approx(2 / 401)
    same = compare_two(GOOD, GOOD, MOS, num_resamples=50)
    assert (same.value, same.interval, same.p_value) == (0, (0, 0), 1)


@pytest.mark.parametrize("figure", ["srcc", "rmse_fitted"])
@pytest.mark.parametrize("test", ["bootstrap", "williams"])
def test_the_table_marks_the_better_one(figure, test):
    if figure == "rmse_fitted" and test == "williams":
        with pytest.raises(UsageError, match="no williams test for 'rmse_fitted'"):
            compare_models(MODELS, MOS, figure=figure, test=test)
        return
    found = compare_models(MODELS, MOS, figure=figure, test=test)
    assert found.names == ("good", "fair", "fair too")
    assert found.marks == (("=", "+", "+"), ("-", "=", "="), ("-", "=", "="))
    assert np.array_equal(found.p_values, found.p_values.T)
    assert np.array_equal(np.diag(found.p_values), np.ones(3))


def test_one_model_has_nobody_to_beat():
    assert compare_models({"good": GOOD}, MOS).marks == (("=",),)


def test_holm_by_hand():
    # Sorted 0.005, 0.01, 0.03, 0.04 times 4, 3, 2, 1; then never falling.
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]).tolist() == [1, 1]
    with pytest.raises(DataError, match="p values in 0..1"):
        holm([0.5, 1.5])


def test_unknown_and_impossible_settings_are_refused():
    with pytest.raises(UnknownName, match="no figure 'auc'; choose one of srcc, krcc"):
        compare_two(GOOD, FAIR, MOS, figure="auc")
    with pytest.raises(DataError, match="found 0 and 0.05"):
        compare_models({}, MOS)
    with pytest.raises(DataError, match="one prediction for each opinion"):
        compare_two(GOOD, FAIR[:9], MOS)
