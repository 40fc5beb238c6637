"""The ridge of the probe, against what must come out."""

import numpy as np
import pytest

from beholder.evaluation.correlation import srcc
from benchmarks.qmamba_probe import probe, ridge, style


def features_and_mos(items, *, noise, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(items, 8)) * [1, 100, 1, 1, 1, 1, 1, 1] + 5
    return values, values[:, 1] / 100 + noise * rng.normal(size=items)


def test_a_ridge_finds_a_line_whatever_the_scales_of_the_channels():
    given, mos = features_and_mos(200, noise=0.01, seed=0)
    asked, truth = features_and_mos(50, noise=0.0, seed=1)
    assert srcc(ridge(given, mos, asked), truth) > 0.99


def test_pure_noise_is_answered_near_the_mean():
    given, _ = features_and_mos(200, noise=0.0, seed=0)
    mos = np.random.default_rng(2).normal(size=200)
    predicted = ridge(given, mos, given[:20])
    assert predicted.std() < 0.4 * mos.std()


def test_a_shift_and_a_stretch_are_told_in_spreads():
    rng = np.random.default_rng(0)
    there = rng.normal(size=(5000, 4))
    found = style(there, 2 * rng.normal(size=(5000, 4)) + 3)
    assert found["ratio_of_spreads"] == pytest.approx(2, rel=0.05)
    assert found["shift_of_means_in_spreads"] == pytest.approx(3 / np.sqrt(2.5), rel=0.05)


def test_more_labelled_pictures_tell_more():
    class Rated:
        train, held = np.arange(1000), np.arange(1000, 1200)
        features, mos = features_and_mos(1200, noise=0.5, seed=3)

    found = probe(lambda items: Rated.features[items], Rated)
    assert found["held_items"] == 200
    assert found["1000"]["srcc"] > 0.8
    assert found["1000"]["srcc"] >= found["50"]["srcc"] - 0.02
