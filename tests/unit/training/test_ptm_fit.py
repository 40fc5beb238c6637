import csv
import dataclasses
import json

import numpy as np
import pytest
import torch

from beholder.errors import DataError, UnknownName, UsageError
from beholder.evaluation.correlation import srcc
from beholder.models.ptm_vqa import load_head, load_model
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.ptm_fit import fit_ptm_vqa
from beholder.training.ptm_head import Items, fusion_weights, predict_items, train_head
from beholder.training.ptm_recipe import PoolSettings

SMALL = (
    *(
        "head.reduced=8",
        "head.hidden=16",
        "head.width=8",
        "pool.weighting=dbi",
        "optim.batch=16",
        "loop.threads=1",
    ),
    *("loop.steps=60", "loop.validate_every=30", "pool.holdout_fraction=0.4"),
)


def make_items(num_items=120, seed=0):
    """Two models that see the opinion, and one that sees noise."""
    rng = np.random.default_rng(seed)
    mos = rng.uniform(size=num_items)
    features = {
        "good": np.stack([mos, mos**2, *rng.normal(size=(2, num_items))], 1),
        "fair": mos[:, None] + rng.normal(size=(num_items, 5)),
        "noise": rng.normal(size=(num_items, 7)),
    }
    return Items(
        features={n: f.astype(np.float32) for n, f in features.items()},
        mos=mos,
        contents=tuple(map(str, range(num_items))),
    )


def small_recipe(*settings):
    return apply_overrides(RECIPES["ptm_vqa"](), [*SMALL, *settings])


@pytest.fixture
def folder(tmp_path):
    items = make_items()
    for name, values in items.features.items():
        np.save(tmp_path / f"{name}.npy", values)
    with (tmp_path / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "mos", "split"])
        splits = ["train"] * 100 + ["test"] * 20
        writer.writerows(
            (f"{i}.png", mos, split)
            for i, (mos, split) in enumerate(zip(items.mos, splits, strict=True))
        )
    return tmp_path


def test_weights_prefer_what_tells_opinions_apart():
    items = make_items()
    weights = fusion_weights(items, PoolSettings(normalise="none"), pretexts={})
    assert weights["fair"] > weights["noise"]
    assert sum(weights.values()) == pytest.approx(1)


def test_weights_by_probe_prefer_what_predicts_opinions():
    weights = fusion_weights(make_items(), PoolSettings(weighting="probe"), pretexts={})
    assert weights["good"] > weights["fair"] > weights["noise"] > 0
    assert sum(weights.values()) == pytest.approx(1)


def test_models_are_chosen_by_index_or_by_name():
    items = make_items()
    one = fusion_weights(items, PoolSettings(num_models=1), pretexts={})
    every = fusion_weights(items, PoolSettings(), pretexts={})
    assert one == {max(every, key=every.get): 1.0}
    named = PoolSettings(models="noise, fair", weighting="uniform")
    assert fusion_weights(items, named, pretexts={}) == {"noise": 0.5, "fair": 0.5}
    with pytest.raises(UnknownName, match="expected models among good, fair, noise, found best"):
        fusion_weights(items, PoolSettings(models="best"), pretexts={})


def test_head_learns_and_repeats_itself(tmp_path):
    items, unseen = make_items(), make_items(seed=1)
    weights = fusion_weights(items, PoolSettings(), pretexts={})
    said = []
    for name in ("first", "second"):
        run = tmp_path / name
        run.mkdir()
        model = train_head(items, small_recipe(), run=run, weights=weights)
        said.append(predict_items(model, unseen))
    assert srcc(said[0], unseen.mos) > 0.6
    assert np.array_equal(*said)
    assert torch.tensor(1e-39) > 0  # numbers this small are zero while training only


@pytest.mark.parametrize("name", ["fair", "noise"])
def test_features_that_are_not_finite_are_refused(tmp_path, name):
    items = make_items()
    items.features[name][3, 2] = np.nan
    with pytest.raises(DataError, match=f"finite features of '{name}', found 1"):
        train_head(items, small_recipe(), run=tmp_path, weights={"good": 0.5, name: 0.5})


def test_constant_features_do_no_harm(tmp_path):
    items = make_items()
    items.features["noise"][:] = 3
    model = train_head(items, small_recipe(), run=tmp_path, weights={"good": 0.5, "noise": 0.5})
    assert np.isfinite(predict_items(model, items)).all()


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ((), {"opinion", "intra", "inter"}),
        (("optim.intra_weight=0", "optim.triplets=each"), {"opinion", "inter"}),
        (("optim.inter_weight=0", "optim.intra_weight=0"), {"opinion"}),
    ],
)
def test_run_logs_every_part_that_counts(folder, tmp_path, settings, parts):
    run = fit_ptm_vqa(small_recipe(*settings), data=folder, out=tmp_path / "run")
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    curves = [line for line in lines if "loss" in line]
    assert len(curves) == 6
    assert all(set(line) == {"step", "loss", *parts} for line in curves)
    assert curves[-1]["opinion"] < curves[0]["opinion"]
    assert [line["step"] for line in lines if "srcc" in line] == [30, 60]


@pytest.mark.parametrize("settings", [(), ("head.rank_levels=11",)])
def test_run_folder_holds_a_head_that_judges(folder, tmp_path, settings):
    run = fit_ptm_vqa(small_recipe(*settings), data=folder, out=tmp_path / "run")
    card = json.loads((run / "card.json").read_text())
    assert card["architecture"] == "ptm_vqa"
    assert card["calibration"]["num_items"] == 40
    assert "60 items" in card["trained_on"][0]
    items = make_items()
    said = load_head(run)({name: values[7] for name, values in items.features.items()})
    assert said == pytest.approx(predict_items(load_model(run), items)[7], abs=1e-6)


def test_test_part_is_never_opened(folder, tmp_path):
    first = fit_ptm_vqa(small_recipe(), data=folder, out=tmp_path / "first")
    values = np.load(folder / "good.npy")
    values[100:] = 99
    np.save(folder / "good.npy", values)
    second = fit_ptm_vqa(small_recipe(), data=folder, out=tmp_path / "second")
    weights = [(run / "model.safetensors").read_bytes() for run in (first, second)]
    assert weights[0] == weights[1]


def test_resumed_run_ends_as_an_unbroken_one(folder, tmp_path):
    whole = fit_ptm_vqa(small_recipe(), data=folder, out=tmp_path / "whole")
    recipe = small_recipe("loop.validate_every=20")
    broken = tmp_path / "broken"

    def stop(_stage, step, _total):
        if step == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit_ptm_vqa(recipe, data=folder, out=broken, progress=stop)
    with pytest.raises(UsageError, match="add --resume"):
        fit_ptm_vqa(recipe, data=folder, out=broken)
    fit_ptm_vqa(recipe, data=folder, out=broken, resume=True)
    last = [json.loads((r / "log.jsonl").read_text().splitlines()[-2]) for r in (whole, broken)]
    assert last[0] == last[1]


def test_few_items_are_refused(folder, tmp_path):
    lines = (folder / "index.csv").read_text().splitlines()
    for name in ("good", "fair", "noise"):
        np.save(folder / f"{name}.npy", np.load(folder / f"{name}.npy")[:5])
    (folder / "index.csv").write_text("\n".join(lines[:6]) + "\n")
    with pytest.raises(DataError, match="29 held-out items or more to calibrate on, found 2 of 5"):
        fit_ptm_vqa(small_recipe(), data=folder, out=tmp_path / "run")


def test_recipe_names_its_groups():
    assert dataclasses.is_dataclass(RECIPES["ptm_vqa"]().pool)


@pytest.mark.parametrize("settings", [("head.kernel_share=0", "head.members=1"), ()])
def test_parts_of_the_answer_can_be_left_out(tmp_path, settings):
    items = make_items()
    recipe = small_recipe(*settings)
    model = train_head(items, recipe, run=tmp_path, weights={"good": 0.5, "fair": 0.5})
    assert model.config.landmarks == (0 if settings else len(items.mos))
    assert model.config.members == (1 if settings else 4)
    assert srcc(predict_items(model, items), items.mos) > 0.6


def test_ranks_can_be_learned_in_place_of_opinions(tmp_path):
    items = make_items()
    # The same order, but all opinions lie close together: answers must lie there, too.
    close = dataclasses.replace(items, mos=0.8 + 0.1 * items.mos)
    recipe = small_recipe("head.rank_levels=11")
    model = train_head(close, recipe, run=tmp_path, weights={"good": 0.5, "fair": 0.5})
    predicted = predict_items(model, close)
    assert srcc(predicted, items.mos) > 0.6
    assert 0.8 < predicted.min() < predicted.max() < 0.9


def test_kernel_path_without_landmarks_is_refused():
    with pytest.raises(UsageError, match=r"head.landmarks of 1 or more.* set head.kernel_share=0"):
        small_recipe("head.landmarks=0")
