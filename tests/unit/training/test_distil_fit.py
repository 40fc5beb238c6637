"""The stages of InternVQA: tuned, taught, judged; resumed, cached, by several processes."""

import csv
import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from beholder import Scorer
from beholder.backbones import intern_video2
from beholder.backbones.intern_video2 import Config
from beholder.errors import DataError, UsageError
from beholder.export import export_run
from beholder.losses.distillation import alignment_loss
from beholder.models.internvqa import choose_trained
from beholder.models.students import ClipNetwork, build
from beholder.recipes import RECIPES, apply_overrides, run_recipe
from beholder.training import distil_fit
from beholder.training.checkpoint import load_weights
from beholder.training.devices import OnDevice
from beholder.training.distil_data import gather, num_variants, read_rows, training_view
from beholder.training.distil_predict import predict_clips
from beholder.training.distil_recipe import DistilData, DistilRecipe
from beholder.training.distil_task import DistilTask, rate_shares
from beholder.training.distil_teacher import open_features, start_teacher
from beholder.training.lesson import Lesson
from beholder.training.loop import _own_share, _set_generators, _update_average
from beholder.training.quality_model import rebuild_network
from tests.media_factory import make_image, make_video, numbered_picture

SIDE = 28
SHORT = (
    *("data.sets=csv=clips", "data.choose_sets=", "data.test_sets=", "data.cache=cache"),
    *(f"data.side_px={SIDE}", f"data.short_side_px={SIDE}", "data.frames=2", "data.batch=4"),
    *("data.test_fraction=0.2", "data.holdout_fraction=0.5"),
    *("loop.steps=4", "loop.validate_every=2", "loop.log_every=1", "loop.precision=32-true"),
    *("loop.threads=1", "optim.warmup_steps=1"),
)
NANO = intern_video2.SIZES["nano"]
SIZES = {
    "nano": Config(width=16, depth=2, heads=2, hidden=32, pool_heads=2, layer_scale=0.5),
    "xs": Config(width=32, depth=3, heads=2, hidden=32, pool_heads=2, layer_scale=0.5),
}


@pytest.fixture(scope="module", autouse=True)
def _tiny():
    with pytest.MonkeyPatch.context() as patch:
        for name, config in SIZES.items():
            patch.setitem(intern_video2.SIZES, name, config)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    folder = root / "clips"
    folder.mkdir()
    rng = np.random.default_rng(0)
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "mos", "content_id"])
        for item in range(84):
            noise = rng.normal(0, item, (36, 48, 3))
            pixels = np.clip(numbered_picture(item, width=48, height=36) + noise, 0, 255)
            make_image(folder / f"{item}.png", pixels.astype(np.uint8))
            writer.writerow([f"{item}.png", 1 - item / 84, f"content{item // 4}"])
    run = fit(root, root / "teacher", "internvqa_teacher_nano")
    (root / "teacher.safetensors").write_bytes((run / "model.safetensors").read_bytes())
    return root


def recipe(name, *settings):
    return apply_overrides(RECIPES[name](), [*SHORT, *settings])


def fit(data, out, name="internvqa_distil_nano", *settings, resume=False):
    return run_recipe(recipe(name, *settings), data=data, out=out, resume=resume)


def losses(run):
    lines = (run / "log.jsonl").read_text().splitlines()
    return [each for each in map(json.loads, lines) if "loss" in each]


def predictions(run):
    with (run / "predictions.csv").open() as file:
        return [float(row["predicted"]) for row in csv.DictReader(file)]


def test_a_teacher_is_tuned_and_judged(data):
    figures = json.loads((data / "teacher" / "figures.json").read_text())
    assert figures["num_items"] == 16
    assert -1 <= figures["srcc"]["value"] <= 1
    assert figures["srcc_within"]["interval"][0] <= figures["srcc_within"]["value"]
    with (data / "teacher" / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    assert rows[0]["path"].startswith("clips/")
    assert {row["content_id"] for row in rows} <= {f"clips/content{i}" for i in range(21)}


def test_a_student_is_taught(data, tmp_path):
    run = fit(data, tmp_path)
    assert set(losses(run)[0]) >= {"loss", "alignment", "student", "teacher"}
    first = losses(run)[0]
    assert first["loss"] == pytest.approx(
        first["alignment"] + first["student"] + first["teacher"], abs=2e-6
    )
    # Of the lesson only the student is kept.
    assert rebuild_network(run).backbone.network.config.width == SIZES["nano"].width
    weights = torch.load(run / "state.pt", weights_only=True)["model"]
    assert any(name.startswith("teacher.backbone.network.blocks.2") for name in weights)
    assert not any(name.startswith("teacher.backbone.network.blocks.0") for name in weights)


@pytest.mark.parametrize(
    "settings",
    [(), ("teacher.trained=none",), ("student.drop_path=0.5", "optim.average_decay=0.9")],
)
def test_a_stopped_run_ends_as_an_unbroken_one(data, tmp_path, monkeypatch, settings):
    unbroken = fit(data, tmp_path / "unbroken", "internvqa_distil_nano", *settings)

    def stop(step, _):
        if step == 3:
            raise KeyboardInterrupt

    real = distil_fit.run_loop
    with monkeypatch.context() as patch:
        patch.setattr(distil_fit, "run_loop", lambda *a, **k: real(*a, **{**k, "progress": stop}))
        with pytest.raises(KeyboardInterrupt):
            fit(data, tmp_path / "stopped", "internvqa_distil_nano", *settings)
    stopped = fit(data, tmp_path / "stopped", "internvqa_distil_nano", *settings, resume=True)
    assert losses(stopped)[-2:] == losses(unbroken)[-2:]
    files = [(run / "model.safetensors").read_bytes() for run in (unbroken, stopped)]
    assert files[0] == files[1]


def test_a_run_is_not_overwritten(data, tmp_path):
    fit(data, tmp_path, "internvqa_student_nano")
    with pytest.raises(UsageError, match="add --resume"):
        fit(data, tmp_path, "internvqa_student_nano")


def open_material(data, **settings):
    chosen = recipe("internvqa_distil_nano", *(f"{k}={v}" for k, v in settings.items()))
    return chosen, gather(chosen.data, data=data, cache=data / "cache", tell=lambda *_: None)


def test_kept_features_are_those_of_the_teacher(data, tmp_path):
    chosen, material = open_material(data, **{"teacher.trained": "none"})
    teacher = start_teacher(chosen, data=data, mean=0.5)
    told = []
    found = open_features(
        teacher, material, chosen, cache=tmp_path, progress=lambda *step: told.append(step)
    )
    assert found.shape == (len(material.train), num_variants(chosen.data), 768)
    windows = material.clips[int(material.train[3])]
    for variant in range(num_variants(chosen.data)):
        view = torch.from_numpy(training_view(windows, variant, chosen.data)[None])
        torch.testing.assert_close(
            torch.from_numpy(found[3, variant].copy()), teacher.eval().features(view)[0]
        )
    assert len(told) == len(material.train)
    open_features(teacher, material, chosen, cache=tmp_path, progress=pytest.fail)


def test_kept_features_go_on_where_they_stopped(data, tmp_path):
    chosen, material = open_material(data, **{"teacher.trained": "none"})
    teacher = start_teacher(chosen, data=data, mean=0.5)

    def stop(done, _):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_features(teacher, material, chosen, cache=tmp_path / "stopped", progress=stop)
    (part,) = (tmp_path / "stopped").iterdir()
    with part.open("ab") as file:
        file.write(b"half a clip")
    told = []
    again = open_features(
        teacher, material, chosen, cache=tmp_path / "stopped", progress=lambda *s: told.append(s)
    )
    whole = open_features(teacher, material, chosen, cache=tmp_path / "whole", progress=stop_never)
    assert told[0][0] == 6
    assert np.array_equal(again, whole)


def stop_never(*_):
    pass


def lesson(trained="last_block_and_head"):
    torch.manual_seed(0)
    student, teacher = (
        build(ClipNetwork(network=f"internvideo2_{size}", drop_path=0.0), frames=2, side=SIDE)
        for size in ("nano", "xs")
    )
    choose_trained(teacher, trained)
    return Lesson(student, teacher)


def batch():
    generator = torch.Generator().manual_seed(1)
    views = torch.randn(4, 2, 3, SIDE, SIDE, generator=generator)
    return {"views": views, "mos": torch.tensor([0.1, 0.4, 0.6, 0.9])}


def test_the_loss_is_the_one_of_the_paper():
    model, given = lesson(), batch()
    loss, parts = DistilTask(recipe("internvqa_distil_nano")).loss(model, given)
    views, mos = given["views"], given["mos"]
    student, teacher = model.student, model.teacher
    wanted = (
        alignment_loss(student.features(views), teacher.features(views), beta=2.0)
        + (student(views)[:, 0] - mos).square().mean()
        + (teacher(views)[:, 0] - mos).square().mean()
    )
    torch.testing.assert_close(loss, wanted)
    assert set(parts) == {"alignment", "student", "teacher"}


@pytest.mark.parametrize(("alignment", "moves"), [("both", True), ("student", False)])
def test_the_alignment_moves_the_teacher_or_not(alignment, moves):
    model, settings = lesson(), ("lesson.teacher_weight=0", f"teacher.alignment={alignment}")
    loss, _ = DistilTask(recipe("internvqa_distil_nano", *settings)).loss(model, batch())
    loss.backward()
    block = model.teacher.backbone.network.blocks[-1]
    assert bool(block.mlp.fc1.weight.grad.any()) is moves
    assert model.student.backbone.network.blocks[0].mlp.fc1.weight.grad.any()


def test_a_frozen_teacher_stays_in_use_as_it_is():
    model = lesson("none").train()
    assert model.student.training
    assert not model.teacher.training
    loss, parts = DistilTask(recipe("internvqa_distil_nano")).loss(model, batch())
    loss.backward()
    assert set(parts) == {"alignment", "student"}
    assert all(p.grad is None for p in model.teacher.parameters())
    assert lesson().train().teacher.training


def test_deep_blocks_learn_slower():
    model = lesson("all")
    shares = rate_shares(model, 0.5)
    student = model.student.backbone.network
    assert shares[student.blocks[1].mlp.fc1.weight] == 0.5
    assert shares[student.blocks[0].mlp.fc1.weight] == 0.25
    assert shares[student.patch_embed.proj.weight] == shares[student.pos_embed] == 0.125
    assert student.fc_norm.weight not in shares
    task = DistilTask(recipe("internvqa_distil_nano", "optim.layer_decay=0.5"))
    optimizer = task.optimizer(model)
    task.set_rates(optimizer, 0)
    rates = {p: g["lr"] for g in optimizer.param_groups for p in g["params"]}
    pulls = {p: g["weight_decay"] for g in optimizer.param_groups for p in g["params"]}
    assert rates[student.pos_embed] == pytest.approx(rates[student.fc_norm.weight] / 8)
    assert pulls[student.pos_embed] == pulls[student.fc_norm.weight] == 0
    assert pulls[student.blocks[0].mlp.fc1.weight] > 0


def test_weights_are_judged_without_training(data, tmp_path):
    settings = ("data.start=teacher.safetensors", "student.network=internvideo2_xs")
    run = fit(data, tmp_path, "internvqa_evaluate", "data.split=", *settings)
    known, found = (
        json.loads((folder / "figures.json").read_text()) for folder in (data / "teacher", run)
    )
    assert found == known


def test_the_paper_has_another_set_for_the_test(data):
    settings = DistilData(sets="csv=clips", test_sets="csv=clips", choose_sets="csv=clips")
    rows = read_rows(settings, data)
    parts = [row.split for row in rows]
    assert [parts.count(part) for part in ("train", "val", "test")] == [84, 84, 84]


def test_parts_share_no_content(data):
    rows = read_rows(recipe("internvqa_distil_nano").data, data)
    parts = {part: {r.content_id for r in rows if r.split == part} for part in ("train", "val")}
    parts["test"] = {r.content_id for r in rows if r.split == "test"}
    assert sum(map(len, parts.values())) == len(set().union(*parts.values())) == 21


def test_views_of_a_clip(data):
    _, material = open_material(data)
    windows = material.clips[0]
    settings = DistilData(windows=2, side_px=SIDE, short_side_px=SIDE)
    assert num_variants(settings) == 4
    assert np.array_equal(training_view(windows, 3, settings), windows[1][..., ::-1])
    # Details stay where they are: the frames of a still are equal.
    assert np.array_equal(windows[:, 0], windows[:, 1])
    assert not np.array_equal(windows[0], windows[1])


@pytest.mark.parametrize(
    ("settings", "error", "match"),
    [
        (("data.side_px=60",), UsageError, "at most data.short_side_px, found 2, 2, 4 and 60"),
        (("data.holdout_fraction=0.1",), DataError, "29 to choose and calibrate on"),
        (("data.split=bvi_hd_internvqa", "data.sets=csv=clips,csv=b"), UsageError, "one set"),
        (("teacher.weights=none.pth",), DataError, "none.pth"),
        (("teacher.network=internvideo2_nano",), DataError, "weights of internvideo2_nano at"),
        (("loop.accelerator=cuda",), UsageError, "found none that torch can use"),
    ],
)
def test_refusals(data, tmp_path, settings, error, match):
    if "cuda" in settings[0] and torch.cuda.is_available():
        pytest.skip("there is a graphics card")
    with pytest.raises(error, match=match):
        fit(data, tmp_path, "internvqa_distil_nano", *settings)


def test_judging_needs_weights():
    with pytest.raises(UsageError, match="expected data.start, the weights to judge"):
        recipe("internvqa_evaluate", "data.start=")


@pytest.mark.parametrize("name", [name for name in RECIPES if name.startswith("internvqa")])
def test_recipes_survive_json(name):
    assert DistilRecipe.from_json(RECIPES[name]().to_json()) == RECIPES[name]()


def test_two_processes_train_as_one(data, tmp_path):
    # The sizes of other processes are not patched: a real nano network, without dropped branches.
    settings = ("student.network=internvideo2_nano", "student.drop_path=0", "loop.steps=2")
    small = [*SHORT, *settings]
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    command += ["-m", "beholder", "train", "internvqa_student_nano", f"--data={data}"]
    command += [f"--out={tmp_path / 'two'}", *(word for s in small for word in ("--set", s))]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(intern_video2.SIZES, "nano", NANO)
        one = fit(data, tmp_path / "one", "internvqa_student_nano", *settings)
    for found, wanted in zip(losses(tmp_path / "two"), losses(one), strict=True):
        assert found == pytest.approx(wanted, rel=1e-4)
    assert predictions(tmp_path / "two") == pytest.approx(predictions(one), abs=1e-4)


def test_batches_that_cannot_be_shared_are_refused():
    fabric = SimpleNamespace(world_size=3, global_rank=0)
    with pytest.raises(UsageError, match="that 3 processes share evenly, found 4 items"):
        _own_share(fabric, {"mos": torch.zeros(4)})


def test_running_means_are_kept_too():
    average, model = torch.nn.BatchNorm1d(2), torch.nn.BatchNorm1d(2)
    model(torch.randn(5, 2) + 3)
    _update_average(average, model, 0.5, 0)
    assert torch.equal(average.running_mean, model.running_mean)


def test_a_model_hides_its_device():
    model = lesson().student.eval()
    hidden = OnDevice(model, torch.device("cpu")).eval()
    views = batch()["views"]
    assert torch.equal(hidden(views), model(views))
    assert torch.equal(hidden.head(hidden.features(views)), model(views))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_student_leaves_as_one_file_and_scores_clips(data, tmp_path):
    run = fit(data, tmp_path / "run", "internvqa_student_nano", "data.windows=1")
    export_run(run, tmp_path / "student.onnx")
    scorer = Scorer(tmp_path / "student.onnx")
    assert scorer.card.task == "video"
    assert not scorer.card.view.moving_details
    name = "clips/3.png"
    found = scorer.score(data / name)
    _, material = open_material(data, **{"data.windows": 1})
    model = rebuild_network(run).eval()
    load_weights(run, model)
    (place,) = (i for i, row in enumerate(material.rows) if row.path == data / name)
    raw = float(predict_clips(model, material.clips, np.array([place]))[0])
    line = scorer.card.calibration
    expected = 100 * min(1.0, max(0.0, line.slope * raw + line.intercept))
    # Training keeps views as whole numbers; the scorer does not.
    assert found.score == pytest.approx(expected, abs=0.3)
    clip = scorer.score(make_video(tmp_path / "clip.mp4", width=64, height=48, num_frames=5))
    assert (clip.kind, clip.frames_used) == ("video", 2)


def test_one_number_for_all_clips_counts_nothing():
    mos, contents = np.linspace(0, 1, 12), [f"content{i // 4}" for i in range(12)]
    figures = distil_fit.judge_clips(np.full(12, 0.5), mos, contents)
    assert [figures[name]["value"] for name in ("srcc", "plcc", "srcc_within")] == [0, 0, 0]
    assert distil_fit.judge_clips(mos, mos, contents)["srcc_within"]["value"] == 1


def test_every_process_goes_on_with_its_own_numbers():
    states = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        states.append(torch.get_rng_state())
    wanted = torch.rand(1)
    fabric = SimpleNamespace(global_rank=1, device=torch.device("cpu"))
    _set_generators(fabric, {"rng": torch.stack(states)})
    assert torch.equal(torch.rand(1), wanted)
    _set_generators(fabric, {"rng": states[1]})
    assert torch.equal(torch.rand(1), wanted)
