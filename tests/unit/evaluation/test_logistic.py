"""The VQEG fit finds curves that were planted, and bends where it should."""

import numpy as np
import pytest

from beholder.errors import DataError
from beholder.evaluation.correlation import plcc, rmse, srcc
from beholder.evaluation.logistic import fit_logistic

PREDICTED = np.linspace(-30, 90, 80)


def _vqeg(predicted, *, top, bottom, middle, width):
    return bottom + (top - bottom) / (1 + np.exp(-(predicted - middle) / width))


@pytest.mark.parametrize("num_parameters", [4, 5])
@pytest.mark.parametrize(("top", "bottom"), [(4.6, 1.2), (1.2, 4.6)])
def test_a_planted_logistic_is_found(num_parameters, top, bottom):
    mos = _vqeg(PREDICTED, top=top, bottom=bottom, middle=35.0, width=11.0)
    fit = fit_logistic(PREDICTED, mos, num_parameters=num_parameters)
    assert rmse(fit.curve(PREDICTED), mos) < 1e-4


@pytest.mark.parametrize("num_parameters", [4, 5])
def test_straight_data_keep_a_straight_curve(num_parameters):
    mos = 1 + (PREDICTED + 30) / 30
    fit = fit_logistic(PREDICTED, mos, num_parameters=num_parameters)
    assert np.abs(fit.curve(PREDICTED) - mos).max() < 0.02


def test_five_parameters_follow_a_line_with_a_step():
    mos = 0.02 * PREDICTED + np.where(PREDICTED > 20, 1.5, 0.0)
    four, five = (fit_logistic(PREDICTED, mos, num_parameters=n) for n in (4, 5))
    assert rmse(five.curve(PREDICTED), mos) < 0.6 * rmse(four.curve(PREDICTED), mos)


def test_the_fit_straightens_but_never_reorders():
    generator = np.random.default_rng(0)
    predicted = generator.uniform(0, 1, 300)
    mos = _vqeg(predicted, top=5, bottom=1, middle=0.7, width=0.05) + generator.normal(0, 0.3, 300)
    mapped = fit_logistic(predicted, mos).curve(predicted)
    assert plcc(mapped, mos) > plcc(predicted, mos) + 0.05
    assert srcc(mapped, mos) == pytest.approx(srcc(predicted, mos), abs=1e-3)


def test_the_scale_of_the_predictions_does_not_matter():
    mos = _vqeg(PREDICTED, top=5, bottom=1, middle=30, width=9) + np.sin(PREDICTED) / 5
    plain = fit_logistic(PREDICTED, mos).curve(PREDICTED)
    scaled = fit_logistic(PREDICTED * 1e6, mos).curve(PREDICTED * 1e6)
    assert np.allclose(plain, scaled)


def test_a_step_does_not_overflow():
    mos = np.where(PREDICTED > 20, 5.0, 1.0)
    fit = fit_logistic(PREDICTED, mos)
    assert rmse(fit.curve(PREDICTED), mos) < 0.1


def test_too_few_items_and_wrong_settings_are_refused():
    with pytest.raises(DataError, match="expected at least 5 items in predicted, found 4"):
        fit_logistic([1, 2, 3, 4], [1, 2, 3, 4])
    with pytest.raises(DataError, match="expected predicted that vary"):
        fit_logistic([1] * 9, range(9))
    with pytest.raises(DataError, match="4 or 5 parameters, found 3"):
        fit_logistic(range(9), range(9), num_parameters=3)
