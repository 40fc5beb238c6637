import numpy as np
import pytest

from beholder.errors import DataError
from beholder.evaluation.probe import probe_srcc, ridge_predict
from beholder.evaluation.selection import Reading, index_of, rank_models, training_places

RNG = np.random.default_rng(0)
MOS = RNG.uniform(size=90)
NAMES = [str(item) for item in range(90)]
POOL = {
    "good": np.stack([MOS, 2 * MOS, RNG.normal(scale=0.1, size=90)], 1),
    "fair": MOS[:, None] + RNG.normal(scale=0.5, size=(90, 4)),
    "noise": RNG.normal(size=(90, 4)),
}


@pytest.mark.parametrize("dim", [3, 40])
def test_ridge_solves_its_equations_with_few_and_with_many_features(dim):
    train = np.random.default_rng(1).normal(size=(20, dim))
    test, mos = train[:5] + 0.1, MOS[:20]
    standard = (train - train.mean(0)) / train.std(0)
    standard, wanted = (
        np.clip(x, -3, 3) for x in (standard, (test - train.mean(0)) / train.std(0))
    )
    system = standard.T @ standard + 0.5 * dim * np.eye(dim)
    slopes = np.linalg.solve(system, standard.T @ (mos - mos.mean()))
    expected = mos.mean() + wanted @ slopes
    assert ridge_predict(train, mos, test, penalty=0.5) == pytest.approx(expected)


def test_constant_features_predict_the_mean():
    predicted = ridge_predict(np.ones((4, 2)), [0.1, 0.2, 0.3, 0.6], np.zeros((2, 2)))
    assert predicted == pytest.approx([0.3, 0.3])


def test_probe_tells_what_features_hold():
    figures = [probe_srcc(POOL[name], MOS, contents=NAMES) for name in ("good", "fair", "noise")]
    assert figures == sorted(figures, reverse=True)
    assert figures[0] > 0.95


def test_probe_never_learns_from_the_content_that_it_predicts():
    # Each content has a sign of its own that tells its opinion, and nothing else does.
    contents = [str(item // 2) for item in range(40)]
    opinions = np.repeat(np.random.default_rng(2).uniform(size=20), 2)
    features = np.repeat(np.eye(20), 2, axis=0)
    assert probe_srcc(features, opinions, contents=[str(i) for i in range(40)]) > 0.8
    assert probe_srcc(features, opinions, contents=contents) < 0.3


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ridge_predict(np.ones((3, 2)), [1, 2], np.ones((1, 2))), "each of 3 items"),
        (lambda: probe_srcc(POOL["good"], MOS, contents=["a"] * 90), "found 90 with 1 different"),
        (lambda: rank_models({}, MOS, contents=NAMES, pretexts={}), "one model or more"),
    ],
)
def test_what_does_not_fit_is_explained(call, says):
    with pytest.raises(DataError, match=says):
        call()


def test_ranking_shows_index_weight_and_probe():
    ranking = rank_models(
        POOL, MOS, contents=NAMES, pretexts={}, reading=Reading(normalise="none"), num_models=2
    )
    assert [model.name for model in ranking.models] == ["good", "fair", "noise"]
    assert [model.chosen for model in ranking.models] == [True, True, False]
    assert sum(model.weight for model in ranking.models) == pytest.approx(1)
    assert ranking.rank_correlation == pytest.approx(1)


def test_two_models_have_no_rank_correlation():
    two = {name: POOL[name] for name in ("good", "noise")}
    assert rank_models(two, MOS, contents=NAMES, pretexts={}).rank_correlation is None


def test_reading_on_components_leaves_small_ones_out():
    wide = np.concatenate([50 * POOL["good"][:, :1], POOL["noise"]], 1)
    whole = index_of(wide, MOS, Reading(normalise="zscore"))
    assert index_of(wide, MOS, Reading(normalise="none", num_components=1)) < whole


def test_training_part_is_taken_where_it_is_told():
    assert training_places(["test", "train", "", "train"]).tolist() == [1, 3]
    assert training_places(["", ""]).tolist() == [0, 1]
