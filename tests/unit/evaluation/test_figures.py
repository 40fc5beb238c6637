"""All figures of a model: equal to scipy's and to the plain bootstrap, or a reason why not."""

import json

import numpy as np
import pytest
from scipy import stats

from beholder.errors import DataError
from beholder.evaluation import kinds
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import krcc, plcc, rmse, srcc
from beholder.evaluation.figures import judge
from beholder.evaluation.logistic import fit_logistic

GENERATOR = np.random.default_rng(7)
QUALITY = GENERATOR.normal(size=60)
# Rounded, so that there are ties.
MOS = np.round(3 + 0.8 * QUALITY + GENERATOR.normal(0, 0.2, 60), 1)
PREDICTED = np.round(50 + 15 * np.tanh(QUALITY) + GENERATOR.normal(0, 5, 60))


def test_values_are_those_of_scipy():
    found = judge(PREDICTED, MOS, num_resamples=20)
    assert found.num_items == 60
    assert found["srcc"].value == pytest.approx(stats.spearmanr(PREDICTED, MOS)[0], abs=1e-9)
    assert found["krcc"].value == pytest.approx(stats.kendalltau(PREDICTED, MOS)[0], abs=1e-9)
    assert found["plcc_raw"].value == pytest.approx(stats.pearsonr(PREDICTED, MOS)[0], abs=1e-9)
    assert found["rmse_raw"].value == pytest.approx(np.sqrt(np.mean((PREDICTED - MOS) ** 2)))
    for suffix, num_parameters in (("fitted", 4), ("fitted5", 5)):
        mapped = fit_logistic(PREDICTED, MOS, num_parameters=num_parameters).curve(PREDICTED)
        assert found[f"plcc_{suffix}"].value == plcc(mapped, MOS)
        assert found[f"rmse_{suffix}"].value == rmse(mapped, MOS)


@pytest.mark.parametrize(
    ("name", "figure"), [("srcc", srcc), ("krcc", krcc), ("plcc_raw", plcc), ("rmse_raw", rmse)]
)
def test_intervals_are_those_of_the_plain_bootstrap(name, figure):
    found = judge(PREDICTED, MOS, num_resamples=100, seed=3)[name].interval
    plain = bootstrap_interval(figure, PREDICTED, MOS, num_resamples=100, seed=3)
    assert found == pytest.approx(plain, abs=1e-12)


def test_the_fitted_curve_stays_fixed_inside_resamples():
    mapped = fit_logistic(PREDICTED, MOS).curve(PREDICTED)
    found = judge(PREDICTED, MOS, num_resamples=100)["plcc_fitted"].interval
    assert found == pytest.approx(bootstrap_interval(plcc, mapped, MOS, num_resamples=100))


def test_outlier_ratios_need_what_they_are_told():
    mapped = fit_logistic(PREDICTED, MOS).curve(PREDICTED)
    errors = np.abs(mapped - MOS)
    assert "outlier_ratio_2std" not in judge(PREDICTED, MOS, num_resamples=5).by_name
    spread = np.full(60, 0.2)
    found = judge(PREDICTED, MOS, mos_std=spread, num_resamples=5)
    assert found["outlier_ratio_2std"].value == np.mean(errors > 0.4) > 0
    assert "outlier_ratio_ci95" not in found.by_name
    found = judge(PREDICTED, MOS, mos_std=spread, num_votes=16, num_resamples=5)
    # Student's t with 15 degrees of freedom: 2.131, from any table.
    assert found["outlier_ratio_ci95"].value == np.mean(errors > 2.131 * 0.2 / 4)


def test_what_is_not_defined_has_a_reason_instead():
    constant = judge(np.full(60, 3.0), MOS, num_resamples=20)
    assert constant["srcc"].value is None
    assert "expected predicted that vary" in constant["srcc"].reason
    assert "expected predicted that vary" in constant["rmse_fitted"].reason
    assert constant["rmse_raw"].value == rmse(np.full(60, 3.0), MOS)
    few = judge(range(5), [1, 2, 3, 5, 4], num_resamples=50)
    assert few["plcc_fitted"].value is not None
    assert "at least 6 items" in few["plcc_fitted5"].reason


def test_an_interval_that_resamples_cannot_give_has_a_reason_too():
    one_apart = judge([1.0] * 9 + [2.0], range(10), num_resamples=200)
    assert one_apart["srcc"].value is not None
    assert one_apart["srcc"].interval is None
    assert "undefined" in one_apart["srcc"].reason


def test_a_fit_that_does_not_converge_says_so(monkeypatch):
    def never(*args, **kwargs):
        raise DataError("expected the logistic fit to converge, found no end")

    monkeypatch.setattr(kinds, "fit_logistic", never)
    found = judge(PREDICTED, MOS, mos_std=1.0, num_resamples=5)
    assert found["plcc_fitted"].value is None
    assert "expected the logistic fit to converge" in found["plcc_fitted"].reason
    assert "expected the logistic fit to converge" in found["outlier_ratio_2std"].reason
    assert found["srcc"].value is not None


def test_figures_become_json():
    found = json.loads(json.dumps(judge(range(5), [1, 2, 3, 5, 4], num_resamples=50).to_json()))
    assert found["num_items"] == 5
    assert found["srcc"]["value"] == pytest.approx(0.9)
    assert len(found["srcc"]["interval"]) == 2
    assert found["plcc_fitted5"]["interval"] is None
    assert "reason" in found["plcc_fitted5"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"num_votes": 5}, "expected mos_std beside num_votes"),
        ({"mos_std": -1}, "expected mos_std of at least 0, found -1"),
        ({"mos_std": 1, "num_votes": 1}, "expected num_votes of at least 2, found 1"),
        ({"mos_std": [1, 2]}, "expected one mos_std for each of 60 items, found 2"),
        ({"num_resamples": 0}, "expected at least one resample, found 0"),
    ],
)
def test_what_cannot_be_is_refused(more, message):
    with pytest.raises(DataError, match=message):
        judge(PREDICTED, MOS, **more)
