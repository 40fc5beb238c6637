"""Both stages of coarse to fine: trained, resumed, exported, and scoring clips."""

import csv
import dataclasses
import json

import numpy as np
import pytest
import torch

from beholder import Scorer
from beholder.errors import DataError, ModelError, UsageError
from beholder.export import export_run
from beholder.ladders.manifest import Rung, append_rungs
from beholder.models import c2f_sizes
from beholder.models.c2f_sizes import SpatialSize
from beholder.models.c2f_spatial import C2fSpatial
from beholder.recipes import RECIPES, apply_overrides, run_recipe
from beholder.recipes.c2f import clip_view, square_view
from beholder.training import c2f_fit
from beholder.training.c2f_clips import Clips, predict_clips
from beholder.training.c2f_recipe import C2fRecipe
from beholder.training.checkpoint import load_weights
from beholder.training.devices import OnDevice
from beholder.training.quality_model import rebuild_network, start_model
from tests.media_factory import make_image, make_video, numbered_picture

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

SIDE, FRAMES = 32, 3
TINY = SpatialSize(
    side_px=SIDE, window=2, width=8, depths=(1, 0, 0, 0), heads=(1, 1, 1, 1), fusion_dropout=0.1
)
SPATIAL = (
    *("data.sets=csv=pictures", f"data.crop_px={SIDE}", "data.batch=4"),
    *("data.holdout_fraction=0.5", "loop.steps=2", "loop.validate_every=2"),
)
SHORT = (
    *("data.holdout_fraction=0.5", "data.num_groups=2", "data.num_contents=2"),
    *("loop.steps=4", "loop.validate_every=2", "loop.log_every=1"),
)


@pytest.fixture(scope="module", autouse=True)
def _small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(c2f_sizes.SIZES, "nano", TINY)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    make_pictures(root / "pictures")
    for content in range(10):
        make_ladder(root / "ladders", f"content{content}", rungs=6)
    return root


def make_pictures(folder):
    folder.mkdir()
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "mos", "content_id"])
        for item in range(80):
            make_image(folder / f"{item}.png", numbered_picture(item, width=48, height=40))
            writer.writerow([f"{item}.png", item / 80, item])


def make_ladder(folder, content, *, rungs):
    (folder / content).mkdir(parents=True)
    made = []
    for number in range(rungs):
        path = f"{content}/{number}.mp4"
        crf = {"crf": str(20 + 5 * number)}
        make_video(folder / path, width=64, height=48, num_frames=4, options=crf)
        made.append(rung(content, number, path))
    append_rungs(folder, made)


def rung(content, number, path):
    return Rung(
        content_id=content,
        codec="x264",
        crf=20 + 5 * number,
        bitrate_kbps=1000.0 / (number + 1),
        path=path,
        vmaf_mean=99.0 - 9 * number,
        vmaf_frames=(99.0 - 9 * number,) * 4,
        width_px=64,
        height_px=48,
        fps=30.0,
        num_frames=4,
        size_bytes=1000,
    )


def clip_recipe(*settings):
    base = RECIPES["c2f"]()
    model = dataclasses.replace(base.model, size="nano")
    small = dataclasses.replace(base, view=clip_view(SIDE, num_frames=FRAMES), model=model)
    return apply_overrides(small, ["loop.threads=1", "loop.precision=32-true", *SHORT, *settings])


def train(data, out, *settings, resume=False):
    return run_recipe(clip_recipe(*settings), data=data, out=out, resume=resume)


def spatial_recipe(*settings):
    recipe = apply_overrides(RECIPES["c2f_spatial_nano"](), [*SPATIAL, *settings])
    return dataclasses.replace(recipe, view=square_view(SIDE, short_side_px=40))


@pytest.fixture(scope="module")
def spatial_run(data, tmp_path_factory):
    run = run_recipe(spatial_recipe(), data=data, out=tmp_path_factory.mktemp("spatial"))
    (data / "spatial.safetensors").write_bytes((run / "model.safetensors").read_bytes())
    return run


@pytest.fixture(scope="module")
def clip_run(data, spatial_run, tmp_path_factory):
    return train(data, tmp_path_factory.mktemp("clips"), "data.spatial=spatial.safetensors")


@pytest.fixture(scope="module")
def clip_model(clip_run, tmp_path_factory):
    # Tracing takes seconds: once for all.
    out = tmp_path_factory.mktemp("onnx") / "c2f.onnx"
    assert export_run(clip_run, out) < 1e-4
    return out


def test_the_spatial_stage_leaves_as_onnx_and_scores_pictures_and_video(spatial_run, tmp_path):
    figures = json.loads((spatial_run / "figures.json").read_text())
    assert figures["test"]["pictures"]["num_items"] == 16
    assert export_run(spatial_run, tmp_path / "spatial.onnx") < 1e-4
    scorer = Scorer(tmp_path / "spatial.onnx")
    assert "Yu et al., SwinV2" in scorer.card.source
    assert (
        scorer.score(make_image(tmp_path / "wide.png", numbered_picture(1, width=300))).score >= 0
    )
    assert scorer.score(make_video(tmp_path / "a.mp4")).frames_used >= 1


def test_the_clip_stage_scores_as_it_was_trained(data, clip_run, clip_model):
    scorer = Scorer(clip_model)
    assert scorer.card.task == "video"
    assert "VMAF" in scorer.card.trained_on[0]
    found = scorer.score(data / "ladders" / "content3" / "2.mp4")
    assert (found.kind, found.frames_used, len(found.timeline)) == ("video", FRAMES, 1)
    recipe = C2fRecipe.from_json((clip_run / "recipe.json").read_text())
    model = rebuild_network(clip_run).eval()
    load_weights(clip_run, model)
    rows = c2f_fit.read_rated(recipe, data)
    item = [str(row.path.relative_to(data)) for row in rows].index("ladders/content3/2.mp4")
    pixels = np.load(clip_run / "cache" / "clips.npy", mmap_mode="r")
    clips = Clips(pixels, recipe.view)
    line = scorer.card.calibration
    raw = predict_clips(model, clips, np.array([item]))[0]
    expected = 100 * min(1.0, max(0.0, line.slope * raw + line.intercept))
    assert found.score == pytest.approx(expected, abs=0.02)


def test_stills_and_short_clips_are_scored_too(clip_model, tmp_path):
    scorer = Scorer(clip_model)
    still = scorer.score(make_image(tmp_path / "a.png"))
    assert (still.kind, still.frames_used) == ("image", 1)
    short = scorer.score(make_video(tmp_path / "short.mp4", num_frames=2))
    assert short.frames_used == 2
    small = scorer.score(
        make_image(tmp_path / "small.png", numbered_picture(5, width=30, height=20))
    )
    assert 0 <= small.score <= 100
    frames = np.stack([numbered_picture(i) for i in range(7)])
    assert scorer.score_frames(frames, fps=25.0).frames_used == FRAMES


def test_the_stages_may_start_from_a_public_file_or_from_a_run(data, spatial_run):
    torch.manual_seed(5)
    swin = C2fSpatial(TINY).stages.swin
    torch.save({"model": swin.state_dict()}, data / "swin.pth")
    found = start_model(spatial_recipe("data.start=swin.pth"), data=data, mean=0.25).model
    for name, tensor in found.stages.swin.state_dict().items():
        assert torch.equal(tensor, swin.state_dict()[name]), name
    again = start_model(spatial_recipe("data.start=spatial.safetensors"), data=data, mean=0.25)
    trained = rebuild_network(spatial_run)
    load_weights(spatial_run, trained)
    assert torch.equal(again.model.regress.weight, trained.regress.weight)
    with pytest.raises(DataError, match="found no file"):
        start_model(spatial_recipe("data.start=absent.pth"), data=data, mean=0.25)


def test_a_run_folder_says_to_export_it(clip_run):
    with pytest.raises(ModelError, match="make one file of it with: beholder export"):
        Scorer(clip_run)


@pytest.mark.parametrize("share", ["0", "0.1"])
def test_a_stopped_run_ends_as_one_that_ran_through(
    data, spatial_run, tmp_path, monkeypatch, share
):
    settings = ("data.spatial=spatial.safetensors", f"optim.spatial_share={share}")

    def stop(done, total):
        if done == 2:
            raise KeyboardInterrupt

    real = c2f_fit.run_loop
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    train(data, whole, *settings)
    with monkeypatch.context() as patch:
        patch.setattr(c2f_fit, "run_loop", lambda *a, **k: real(*a, **{**k, "progress": stop}))
        with pytest.raises(KeyboardInterrupt):
            train(data, parts, *settings)
    with pytest.raises(UsageError, match="add --resume"):
        train(data, parts, *settings)
    train(data, parts, *settings, resume=True)
    assert (parts / "card.json").read_text() == (whole / "card.json").read_text()
    assert (parts / "model.safetensors").read_bytes() == (whole / "model.safetensors").read_bytes()


def test_a_frozen_spatial_module_stays_as_it_came(data, spatial_run, tmp_path):
    def spatial_weights(run):
        model = rebuild_network(run)
        load_weights(run, model)
        return model.spatial.state_dict()

    given = rebuild_network(spatial_run)
    load_weights(spatial_run, given)
    for share, same in (("0", True), ("0.5", False)):
        settings = ("data.spatial=spatial.safetensors", f"optim.spatial_share={share}")
        found = spatial_weights(train(data, tmp_path / share, *settings))
        pairs = [(given.state_dict()[name], tensor) for name, tensor in found.items()]
        assert all(torch.equal(*pair) for pair in pairs) == same


def test_frame_features_are_judged_on_another_device_too(clip_run):
    recipe = C2fRecipe.from_json((clip_run / "recipe.json").read_text(encoding="utf-8"))
    model = c2f_fit.rebuild_c2f(recipe).eval()
    hidden = OnDevice(model, torch.device("cpu")).eval()
    shape = (2, recipe.view.frame_details, recipe.view.max_frames, model.spatial.size.features)
    frames = np.random.default_rng(0).random(shape, np.float32)
    expected = predict_clips(model, frames, np.arange(2))
    np.testing.assert_array_equal(predict_clips(hidden, frames, np.arange(2)), expected)


def test_parts_of_the_loss_are_logged_only_where_they_count(data, tmp_path):
    settings = ("optim.spatial_share=0", "model.fusion=mean")
    train(data, tmp_path / "both", *settings)
    train(data, tmp_path / "none", *settings, "optim.coarse_weight=0", "optim.fine_weight=0")
    both, none = (
        json.loads((tmp_path / run / "log.jsonl").read_text().splitlines()[0])
        for run in ("both", "none")
    )
    assert set(both) == {"step", "loss", "opinion", "coarse", "fine"}
    assert set(none) == {"step", "loss", "opinion"}
    total = both["opinion"] + 0.1 * both["coarse"] + 0.3 * both["fine"]
    assert both["loss"] == pytest.approx(total, abs=1e-5)


def test_contents_of_two_sets_are_kept_apart(data, tmp_path):
    (tmp_path / "more").symlink_to(data / "ladders")
    (tmp_path / "ladders").symlink_to(data / "ladders")
    rows = c2f_fit.read_rated(clip_recipe("data.sets=ladder=ladders,ladder=more"), tmp_path)
    assert len({row.content_id for row in rows}) == 20


def test_what_does_not_fit_is_told(data, spatial_run, tmp_path):
    with pytest.raises(DataError, match="expected weights of c2f_spatial_nano"):
        train(data, tmp_path / "a", "data.spatial=absent.safetensors")
    with pytest.raises(DataError, match="29 held-out clips or more"):
        train(data, tmp_path / "b", "data.holdout_fraction=0.1")
    with pytest.raises(UsageError, match="expected a size for views of 32, found model.size=t"):
        clip_recipe("model.size=t")
    base = RECIPES["c2f_spatial_nano"]()
    recipe = apply_overrides(base, [*SPATIAL, "data.crop_px=64"])
    with pytest.raises(UsageError, match=r"expected data.crop_px=32, the only size"):
        run_recipe(recipe, data=data, out=tmp_path / "c")
