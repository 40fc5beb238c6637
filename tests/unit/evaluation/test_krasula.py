"""Pairs: constructed cases with a known answer, and scikit-learn as the referee of areas."""

import numpy as np
import pytest

from beholder.errors import DataError
from beholder.evaluation.krasula import RatedPairs, compare_pairs, judge_pairs, rated_pairs

NAMES = ("auc_different_similar", "auc_better_worse", "correct_better_worse")


def _values(predicted, pairs):
    found = judge_pairs(predicted, pairs, num_resamples=5)
    return [found[name].value for name in NAMES]


def test_pairs_differ_where_the_z_test_says_so():
    # Spread 1 and 50 votes: the noise of a difference is 0.2, so 0.392 is the limit.
    pairs = rated_pairs([1.0, 1.39, 1.40, 3.0], mos_std=1.0, num_votes=50)
    found = {
        (int(better), int(worse)): bool(different)
        for better, worse, different in zip(
            pairs.better, pairs.worse, pairs.is_different, strict=True
        )
    }
    assert found == {
        (1, 0): False, (2, 0): True, (2, 1): False, (3, 0): True, (3, 1): True, (3, 2): True,
    }  # fmt: skip
    assert pairs.num_possible == 6


def test_a_model_that_knows_all_has_all():
    # Two clusters: pairs differ between them and not inside.
    mos = [1.0, 1.01, 1.02, 4.0, 4.01, 4.02]
    pairs = rated_pairs(mos, mos_std=1.0, num_votes=25)
    assert pairs.is_different.sum() == 9
    assert _values(mos, pairs) == [1, 1, 1]
    # Reversed: distances are as good as before, directions all wrong.
    assert _values([-value for value in mos], pairs) == [1, 0, 0]
    # Constant: it tells nothing, which is chance.
    assert _values([3.0] * 6, pairs) == [0.5, 0.5, 0.5]


def test_areas_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(2)
    mos = generator.uniform(1, 5, 40)
    predicted = np.round(mos + generator.normal(0, 0.8, 40), 1)
    pairs = rated_pairs(mos, mos_std=generator.uniform(0.5, 1.5, 40), num_votes=20)
    lead = predicted[pairs.better] - predicted[pairs.worse]
    of_different = lead[pairs.is_different]
    apart = metrics.roc_auc_score(pairs.is_different, np.abs(lead))
    both = metrics.roc_auc_score(
        np.repeat([1, 0], of_different.size), np.r_[of_different, -of_different]
    )
    correct = np.mean(of_different > 0) + np.mean(of_different == 0) / 2
    assert _values(predicted, pairs) == pytest.approx([apart, both, correct], abs=1e-12)


def test_a_resample_weighs_a_pair_by_both_its_items():
    pairs = RatedPairs(
        num_items=4,
        num_possible=6,
        better=np.array([1, 2, 3]),
        worse=np.array([0, 1, 2]),
        is_different=np.array([True, True, False]),
    )
    figures = judge_pairs([0.0, 1.0, 0.5, 0.6], pairs, num_resamples=300)
    assert figures["correct_better_worse"].value == 0.5
    assert figures["correct_better_worse"].interval is None
    assert "undefined" in figures["correct_better_worse"].reason


def test_the_better_of_two_models_is_found():
    generator = np.random.default_rng(3)
    mos = generator.uniform(1, 5, 120)
    pairs = rated_pairs(mos, mos_std=1.0, num_votes=20)
    good, fair = (mos + generator.normal(0, noise, 120) for noise in (0.3, 1.0))
    found = compare_pairs(good, fair, pairs, num_resamples=60)
    assert set(found) == set(NAMES)
    for name in NAMES:
        assert found[name].interval[0] > 0
        assert found[name].p_value == pytest.approx(2 / 61)
    turned = compare_pairs(fair, good, pairs, num_resamples=60)
    assert turned[NAMES[0]].value == -found[NAMES[0]].value
    assert compare_pairs(good, good, pairs, num_resamples=20)[NAMES[0]].p_value == 1


def test_many_items_are_sampled_the_same_way_each_time():
    generator = np.random.default_rng(4)
    mos = generator.uniform(1, 5, 400)
    found, again, other = (
        rated_pairs(mos, mos_std=1.0, num_votes=20, max_pairs=3000, seed=seed) for seed in (0, 0, 1)
    )
    assert found.num_possible == 400 * 399 // 2
    assert 2900 < found.better.size <= 3000
    assert np.array_equal(found.better, again.better)
    assert not np.array_equal(found.better[:100], other.better[:100])
    assert len(set(zip(found.better.tolist(), found.worse.tolist(), strict=True))) == (
        found.better.size
    )
    everything = rated_pairs(mos, mos_std=1.0, num_votes=20, max_pairs=10**6)
    predicted = mos + generator.normal(0, 1, 400)
    sampled, whole = (_values(predicted, pairs) for pairs in (found, everything))
    assert sampled == pytest.approx(whole, abs=0.03)


def test_without_differing_pairs_there_is_a_reason():
    pairs = rated_pairs([1.0, 1.1, 1.2, 1.3], mos_std=2.0, num_votes=4)
    found = judge_pairs([1, 2, 3, 4], pairs, num_resamples=5)
    assert all(found[name].value is None for name in NAMES)
    assert "found 0 and 6" in found["auc_different_similar"].reason


def test_what_is_missing_is_told():
    with pytest.raises(DataError, match="expected mos_std and num_votes to tell which pairs"):
        rated_pairs([1, 2, 3], mos_std=None, num_votes=20)
    with pytest.raises(DataError, match="expected num_votes of at least 2"):
        rated_pairs([1, 2, 3], mos_std=1, num_votes=1)
    with pytest.raises(DataError, match="expected a level between 0 and 1"):
        rated_pairs([1, 2, 3], mos_std=1, num_votes=9, level=95)
    pairs = rated_pairs([1, 2, 3], mos_std=0.1, num_votes=9)
    with pytest.raises(DataError, match="found 4 predicted and 3 mos"):
        judge_pairs([1, 2, 3, 4], pairs)
