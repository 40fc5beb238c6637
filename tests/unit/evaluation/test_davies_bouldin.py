import numpy as np
import pytest

from beholder.errors import DataError, UsageError
from beholder.evaluation.davies_bouldin import (
    choose_models,
    davies_bouldin,
    inverse_weights,
    normalised,
    opinion_edges,
    pseudo_clusters,
)


@pytest.mark.parametrize("seed", range(5))
def test_index_equals_that_of_scikit_learn(seed):
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(2 + seed), 20)
    features = rng.normal(size=(len(labels), 7)) * 10.0 ** rng.integers(-3, 3) + labels[:, None]
    expected = metrics.davies_bouldin_score(features, labels)
    assert davies_bouldin(features, labels) == pytest.approx(expected, abs=1e-9, rel=1e-9)


def test_index_by_hand():
    # Two clusters on a line: spreads 1 and 1, centres 10 apart.
    assert davies_bouldin([[0], [2], [10], [12]], [0, 0, 1, 1]) == pytest.approx(0.2)


def test_points_are_perfect_and_coinciding_centers_hopeless():
    assert davies_bouldin([[0], [0], [3], [3]], [5, 5, 9, 9]) == 0
    assert davies_bouldin(np.ones((4, 2)), [0, 0, 1, 1]) == np.inf


@pytest.mark.parametrize(
    ("features", "labels", "says"),
    [
        ([[0.0], [1.0]], [1, 1], "two or more in all, found 2 labels of 1 clusters"),
        ([[0.0], [1.0]], [0, 1, 1], "each of 2 items"),
        ([[0.0], [np.nan]], [0, 1], "1 numbers that are not finite"),
    ],
)
def test_index_refuses_what_it_cannot_judge(features, labels, says):
    with pytest.raises(DataError, match=says):
        davies_bouldin(features, labels)


def test_clusters_of_equal_width_drop_empty_ones():
    mos = [0.0, 0.01, 0.5, 0.51, 0.99, 1.0]
    assert pseudo_clusters(mos, num_clusters=10).tolist() == [0, 0, 1, 1, 2, 2]


def test_single_items_join_a_neighbour():
    assert pseudo_clusters([0.0, 0.4, 0.45, 0.9, 0.95, 1.0], num_clusters=3).tolist() == [
        0, 0, 0, 1, 1, 1,
    ]  # fmt: skip
    assert pseudo_clusters([0.0, 0.1, 0.4, 0.5, 1.0], num_clusters=3).tolist() == [0, 0, 1, 1, 1]


def test_clusters_of_equal_count():
    mos = np.array([0.0, 0.01, 0.02, 0.03, 0.5, 1.0])
    assert np.bincount(pseudo_clusters(mos, num_clusters=3, bins="count")).tolist() == [2, 2, 2]


def test_clusters_need_a_range_and_company():
    with pytest.raises(DataError, match="opinions that differ"):
        pseudo_clusters([0.5, 0.5, 0.5])
    with pytest.raises(DataError, match="found all 3 in one"):
        pseudo_clusters([0.0, 0.5, 1.0], num_clusters=3)
    with pytest.raises(UsageError, match="2 or more clusters"):
        opinion_edges([0.0, 1.0], num_clusters=1)


def test_normalising():
    assert np.allclose(normalised([[3.0, 4.0], [0.0, 0.0]], "l2"), [[0.6, 0.8], [0, 0]])
    assert np.allclose(normalised([[1.0, 5.0], [3.0, 5.0]], "zscore"), [[-1, 0], [1, 0]])


def test_weights_fall_with_the_index_and_sum_to_one():
    assert inverse_weights([1.0, 3.0, np.inf]).tolist() == [0.75, 0.25, 0.0]
    with pytest.raises(DataError, match="above 0"):
        inverse_weights([0.0, 1.0])


def test_at_most_two_of_one_pretask_are_chosen():
    costs = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0, "e": np.inf}
    pretexts = {"a": "imagenet", "b": "imagenet", "c": "imagenet", "d": "detection"}
    assert choose_models(costs, pretexts, num_models=3) == ("a", "b", "d")
    assert choose_models(costs, {}, num_models=9) == ("a", "b", "c", "d")
    with pytest.raises(UsageError, match="one model or more"):
        choose_models(costs, {}, num_models=0)
