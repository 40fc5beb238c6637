"""Bootstrap and conformal intervals hold what their names promise."""

import numpy as np
import pytest

from beholder.errors import DataError
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.conformal import conformal_half_width, empirical_coverage
from beholder.evaluation.correlation import srcc


def _noisy(num_items, seed):
    generator = np.random.default_rng(seed)
    mos = generator.uniform(0, 1, num_items)
    return mos + generator.normal(0, 0.15, num_items), mos


def test_the_mean_gets_its_textbook_interval():
    values = np.random.default_rng(3).normal(10, 2, 400)
    low, high = bootstrap_interval(np.mean, values, num_resamples=2000)
    half = 1.96 * values.std(ddof=1) / np.sqrt(400)
    assert low == pytest.approx(values.mean() - half, abs=0.03)
    assert high == pytest.approx(values.mean() + half, abs=0.03)


def test_the_seed_decides():
    pair = _noisy(50, 0)
    first = bootstrap_interval(srcc, *pair, num_resamples=200, seed=1)
    assert first == bootstrap_interval(srcc, *pair, num_resamples=200, seed=1)
    assert first != bootstrap_interval(srcc, *pair, num_resamples=200, seed=2)
    assert first[0] < srcc(*pair) < first[1]


def test_a_lower_level_is_narrower():
    pair = _noisy(60, 4)
    low, high = bootstrap_interval(srcc, *pair, num_resamples=300)
    inner_low, inner_high = bootstrap_interval(srcc, *pair, num_resamples=300, level=0.5)
    assert low < inner_low < inner_high < high


def test_undefined_resamples_are_dropped_until_they_are_many():
    mos = [0.0, *np.linspace(0.5, 1, 20)]
    assert bootstrap_interval(srcc, mos, mos, num_resamples=100) == (1.0, 1.0)
    with pytest.raises(DataError, match="of 100 undefined; give more than 3 items"):
        bootstrap_interval(srcc, [1, 1, 2], [1, 2, 2], num_resamples=100)


def test_bootstrap_refuses_bad_settings():
    with pytest.raises(DataError, match=r"common length, found \[3, 4\]"):
        bootstrap_interval(srcc, [1, 2, 3], [1, 2, 3, 4])
    with pytest.raises(DataError, match="common length, found"):
        bootstrap_interval(np.mean)
    with pytest.raises(DataError, match="found 1000 and 95"):
        bootstrap_interval(np.mean, [1, 2, 3], level=95)
    with pytest.raises(DataError, match="at least one resample"):
        bootstrap_interval(np.mean, [1, 2, 3], num_resamples=0)


def test_half_width_is_the_corrected_quantile():
    mos = np.zeros(9)
    predicted = np.array([3, -1, 2, -5, 4, 9, -8, 7, 6])
    # k = ceil(10 * 0.9) = 9: the largest of nine; k = ceil(10 * 0.5) = 5: the fifth.
    assert conformal_half_width(predicted, mos, coverage=0.9) == 9
    assert conformal_half_width(predicted, mos, coverage=0.5) == 5


def test_coverage_holds_on_new_items():
    shares = []
    for seed in range(40):
        predicted, mos = _noisy(1200, seed)
        half_width = conformal_half_width(predicted[:200], mos[:200])
        shares.append(empirical_coverage(predicted[200:], mos[200:], half_width=half_width))
    assert 0.895 < np.mean(shares) < 0.915  # theory: 181 / 201 = 0.9005


def test_coverage_counts_the_ends():
    assert empirical_coverage([0, 0, 0, 0], [1, -1, 2, 0.5], half_width=1) == 0.75


def test_conformal_refuses_what_it_cannot_promise():
    with pytest.raises(DataError, match=r"at least 9 calibration items .* of 0.9, found 8"):
        conformal_half_width(range(8), range(8))
    with pytest.raises(DataError, match="between 0 and 1, found 90"):
        conformal_half_width(range(8), range(8), coverage=90)
    with pytest.raises(DataError, match="half width of 0 or more, found nan"):
        empirical_coverage(range(8), range(8), half_width=float("nan"))


def test_a_confident_interval_takes_a_later_error():
    errors = np.arange(1.0, 101.0)
    # A binomial count of 100 at 0.9 exceeds 94 with probability 0.058 and 95 with 0.024: with
    # confidence 0.95 the least k with P(count < k) >= 0.95 is 96.
    assert conformal_half_width(errors, np.zeros(100), coverage=0.9) == 91
    assert conformal_half_width(errors, np.zeros(100), coverage=0.9, confidence=0.95) == 96


def test_a_confident_interval_keeps_its_coverage_nearly_always():
    rng = np.random.default_rng(0)
    kept = []
    for _ in range(400):
        half_width = conformal_half_width(
            rng.uniform(0, 1, 200), np.zeros(200), coverage=0.9, confidence=0.95
        )
        # Uniform errors: the coverage on new items is the half width itself.
        kept.append(half_width >= 0.9)
    assert 0.92 < np.mean(kept) < 0.99


def test_confidence_needs_items():
    with pytest.raises(DataError, match="expected at least 29 calibration items"):
        conformal_half_width(np.arange(28.0), np.zeros(28), confidence=0.95)
