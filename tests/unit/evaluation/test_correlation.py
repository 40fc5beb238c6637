"""The four figures against scipy, and what they refuse."""

import numpy as np
import pytest
import scipy.stats

from beholder.errors import DataError
from beholder.evaluation.correlation import average_ranks, krcc, plcc, rmse, srcc

FIGURES = [srcc, krcc, plcc, rmse]


def _pairs():
    generator = np.random.default_rng(5)
    mos = generator.uniform(1, 5, 60)
    noisy = mos + generator.normal(0, 0.7, 60)
    yield noisy, mos
    yield np.round(noisy), np.round(mos)  # many ties on both sides
    yield -noisy * 1e-200, mos
    yield noisy * 1e200, mos


@pytest.mark.parametrize(("predicted", "mos"), list(_pairs()))
def test_figures_equal_scipy(predicted, mos):
    assert srcc(predicted, mos) == pytest.approx(scipy.stats.spearmanr(predicted, mos).statistic)
    assert krcc(predicted, mos) == pytest.approx(scipy.stats.kendalltau(predicted, mos).statistic)
    scaled = predicted / np.abs(predicted).max()
    assert plcc(predicted, mos) == pytest.approx(scipy.stats.pearsonr(scaled, mos).statistic)


def test_ranks_equal_scipy_with_ties():
    values = np.random.default_rng(1).integers(0, 9, 200)
    assert np.array_equal(average_ranks(values), scipy.stats.rankdata(values))
    assert average_ranks([7.0]).tolist() == [1.0]


def test_rmse_is_in_the_unit_of_mos():
    assert rmse([0, 0, 0, 0], [3, -3, 3, -3]) == 3.0
    assert rmse([1, 1, 1], [1, 1, 1]) == 0.0


def test_perfect_and_reversed_order():
    line = np.arange(5.0)
    for figure in (srcc, krcc, plcc):
        assert figure(line, line) == pytest.approx(1.0)
        assert figure(-line, line) == pytest.approx(-1.0)


def test_a_rising_map_moves_no_rank():
    generator = np.random.default_rng(2)
    predicted, mos = generator.normal(size=(2, 50))
    assert srcc(np.exp(predicted), mos) == srcc(predicted, mos)
    assert krcc(np.exp(predicted), mos) == krcc(predicted, mos)
    assert plcc(np.exp(predicted), mos) != pytest.approx(plcc(predicted, mos))


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(
    ("predicted", "mos", "message"),
    [
        ([1, 2], [1, 2], "expected at least 3 items in predicted, found 2"),
        ([1, 2, 3], [1, 2, 3, 4], "found 3 predicted and 4 mos"),
        ([1, np.nan, 3], [1, 2, 3], "expected finite numbers in predicted, found 1 of 3"),
        ([1, 2, 3], [1, np.inf, np.nan], "expected finite numbers in mos, found 2 of 3"),
        ([[1, 2, 3]], [1, 2, 3], r"one row of numbers, found shape \(1, 3\)"),
        (["good", "bad", "fair"], [1, 2, 3], "expected numbers in predicted"),
    ],
)
def test_bad_pairs_are_refused(figure, predicted, mos, message):
    with pytest.raises(DataError, match=message):
        figure(predicted, mos)


@pytest.mark.parametrize("figure", [srcc, krcc, plcc])
def test_a_constant_has_no_correlation(figure):
    with pytest.raises(DataError, match="expected predicted that vary, found 3 times 2"):
        figure([2, 2, 2], [1, 2, 3])
    with pytest.raises(DataError, match="expected mos that vary, found 3 times 4"):
        figure([1, 2, 3], [4, 4, 4])
