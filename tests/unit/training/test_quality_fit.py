"""Runs on rated pictures: one set, several, tuned; resumed, exported, scored."""

import csv
import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from beholder import Scorer
from beholder.errors import DataError, UsageError
from beholder.export import export_run
from beholder.models import qmamba
from beholder.models.tuning.files import load_tuning
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.checkpoint import load_weights
from beholder.training.quality_fit import fit_quality
from beholder.training.quality_recipe import QualityRecipe
from tests.media_factory import make_image, make_video, numbered_picture

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SHORT = (
    *("data.sets=csv=first", "data.crop_px=32", "data.batch=4", "data.test_fraction=0.2"),
    *("data.holdout_fraction=0.5", "model.network=qmamba_nano"),
    *("loop.steps=4", "loop.validate_every=2", "loop.log_every=1", "loop.precision=32-true"),
    "loop.threads=1",
)


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    # One block, so that steps take moments and tracing takes seconds.
    monkeypatch.setitem(qmamba._SHAPES, "nano", ((1, 0, 0, 0), 8))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    for number, name in enumerate(("first", "second")):
        folder = root / name
        folder.mkdir()
        rng = np.random.default_rng(number)
        with (folder / "manifest.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["path", "mos", "content_id"])
            for item in range(80):
                noise = rng.normal(0, item, (48, 40, 3))
                pixels = np.clip(numbered_picture(item, width=40, height=48) + noise, 0, 255)
                make_image(folder / f"{item}.png", pixels.astype(np.uint8))
                writer.writerow([f"{item}.png", 1 - item / 80, item])
    return root


def recipe(name, *settings):
    return apply_overrides(RECIPES[name](), [*SHORT, *settings])


def train(data, out, name="qmamba", *settings, resume=False):
    return fit_quality(recipe(name, *settings), data=data, out=out, resume=resume)


@pytest.fixture(scope="module")
def base(data, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(qmamba._SHAPES, "nano", ((1, 0, 0, 0), 8))
        run = train(data, tmp_path_factory.mktemp("base"))
    (data / "qmamba.safetensors").write_bytes((run / "model.safetensors").read_bytes())
    return run


def test_a_run_tells_its_figures(base):
    figures = json.loads((base / "figures.json").read_text())
    assert figures["trained_parameters"] == figures["all_parameters"]
    assert figures["added_operations"] == 0
    low, high = figures["test"]["first"]["srcc"]["interval"]
    assert low <= figures["test"]["first"]["srcc"]["value"] <= high


def test_a_tuned_run_leaves_as_onnx_and_scores(data, base, tmp_path):
    run = train(data, tmp_path / "run", "qmamba_transfer")
    out = tmp_path / "tuned.onnx"
    assert export_run(run, out) < 1e-4
    scorer = Scorer(out)
    picture = scorer.score(make_image(tmp_path / "a.png"))
    clip = scorer.score(make_video(tmp_path / "a.mp4"))
    assert (picture.kind, clip.kind) == ("image", "video")
    assert picture.interval[0] <= picture.score <= picture.interval[1]


def test_a_stopped_run_ends_as_one_that_ran_through(data, base, tmp_path, monkeypatch):
    from beholder.training import quality_fit

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    real = quality_fit.run_loop
    with monkeypatch.context() as patch:
        patch.setattr(quality_fit, "run_loop", lambda *a, **k: real(*a, **{**k, "progress": stop}))
        with pytest.raises(KeyboardInterrupt):
            train(data, tmp_path)
    with pytest.raises(UsageError, match="add --resume"):
        train(data, tmp_path)
    train(data, tmp_path, resume=True)
    assert (tmp_path / "figures.json").read_text() == (base / "figures.json").read_text()


def test_a_universal_run_tells_figures_of_each_set(data, tmp_path):
    sets = "data.sets=csv=first,csv=second"
    with pytest.raises(UsageError, match="each set once"):
        recipe("qmamba_universal", "data.sets=csv=first,csv=first")
    run = train(data, tmp_path, "qmamba_universal", sets)
    figures = json.loads((run / "figures.json").read_text())
    assert sorted(figures["test"]) == ["first", "second"]


@pytest.mark.parametrize("tuning", ["none", "lora", "style_prompt"])
def test_a_tuned_run_is_its_base_and_a_small_file(data, base, tmp_path, tuning):
    run = train(data, tmp_path, "qmamba_transfer", f"tuning.name={tuning}")
    figures = json.loads((run / "figures.json").read_text())
    assert figures["trained_parameters"] < figures["all_parameters"]
    assert (figures["added_operations"] > 0) == (tuning != "none")
    if tuning == "none":
        assert not (run / "tuning.safetensors").exists()
        return
    frozen = qmamba.build("qmamba_nano")
    load_weights(base, frozen)
    tuned = load_tuning(frozen, run / "tuning.safetensors").eval()
    weights = tuned.state_dict()
    for name, tensor in load_file(run / "model.safetensors").items():
        assert torch.equal(weights[name], tensor), name


def test_recipes_travel_as_json():
    for name in ("qmamba", "qmamba_universal", "qmamba_transfer"):
        made = RECIPES[name]()
        assert QualityRecipe.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ("data.sets=biq2021", "expected data.sets like"),
        ("data.crop_px=400", "expected data.crop_px of at most 384"),
        ("tuning.name=lora", "expected data.start with tuning.name=lora"),
        ("data.batch=0", "at least one crop for each of 1 sets"),
    ],
)
def test_settings_without_meaning_are_refused(setting, match):
    with pytest.raises(UsageError, match=match):
        recipe("qmamba", setting)


def test_wrong_starting_weights_are_told(data, tmp_path):
    with pytest.raises(DataError, match="found no file"):
        train(data, tmp_path, "qmamba", "data.start=absent.safetensors")
    with pytest.raises(DataError, match="expected weights of this network"):
        train(data, tmp_path, "qmamba_transfer", "model.network=lqmamba_nano", resume=True)
