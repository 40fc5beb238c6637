"""A run on frozen models scores files end to end, from its folder."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from beholder import Scorer
from beholder.cards import ModelCard
from beholder.datasets.rows import Row
from beholder.errors import ModelError
from beholder.models.ptm_vqa import Config, build
from beholder.pool.extract import ExtractSettings, Items, extract
from beholder.pool.load import load_model
from beholder.pool.names import read_pool
from beholder.pool.store import open_features, write_facts
from beholder.scoring import read_card
from tests.media_factory import make_image, make_video
from tests.model_factory import CARD
from tests.pool_factory import make_frozen, make_pool

GAINS = {"one": 1.0, "two": 2.0}


def _card(**changes: object) -> ModelCard:
    calibration = dataclasses.replace(CARD.calibration, slope=1.0, intercept=0.0)
    fields = {"name": "fused", "architecture": "ptm_vqa", "calibration": calibration, **changes}
    return dataclasses.replace(CARD, **fields)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Media, their features, and a run that was never trained but tells pictures apart."""
    folder = tmp_path_factory.mktemp("ptm")
    names = [f"{number}.png" for number in range(6)]
    for number, name in enumerate(names):
        make_image(folder / name, np.full((40, 40, 3), (40 * number, 90, 10 * number), np.uint8))
    make_video(folder / "v.mp4", num_frames=20, fps=10)
    names.append("v.mp4")
    rows = [Row(path=folder / name, mos=0.5, content_id=name) for name in names]
    models = [load_model(entry) for entry in read_pool(make_pool(folder / "pool", GAINS))]
    extract(
        Items(dataset="some", root=folder, rows=rows),
        models,
        out=folder / "features",
        settings=ExtractSettings(dtype="float32", num_frames=4),
        progress=lambda *_: None,
    )
    found = open_features(folder / "features")
    run = folder / "run"
    run.mkdir()
    torch.manual_seed(0)
    head = build(Config(models=found.names, dims=(3, 3), weights=(0.25, 0.75), reduced=3))
    for name, reduction in zip(found.names, head.reductions, strict=True):
        reduction.fit(torch.from_numpy(found.features(name)))
    torch.nn.init.normal_(head.regress.weight, std=0.05)
    save_file(head.state_dict(), run / "model.safetensors")
    (run / "head.json").write_text(head.config.to_json(), encoding="utf-8")
    (run / "card.json").write_text(_card().to_json(), encoding="utf-8")
    write_facts(run, found.facts)
    with torch.no_grad():
        views = [torch.from_numpy(found.features(name)) for name in found.names]
        np.save(folder / "expected.npy", head.eval()(views).squeeze(1).numpy())
    return folder


def test_files_get_what_their_features_get(folder):
    expected = 100 * np.clip(np.load(folder / "expected.npy"), 0, 1)
    assert np.ptp(expected) > 1, "a head that says the same of all proves nothing"
    scorer = Scorer(folder / "run")
    names = [*(f"{number}.png" for number in range(6)), "v.mp4"]
    scores = [scorer.score(folder / name) for name in names]
    np.testing.assert_allclose([score.score for score in scores], expected, atol=0.02)
    assert [score.frames_used for score in scores] == [1] * 6 + [4]
    video = scores[-1]
    assert len(video.timeline) == 1
    assert video.interval[0] < video.score < video.interval[1]
    assert video.model.startswith("fused@")
    assert Scorer(folder / "run").score(folder / "v.mp4") == video


def test_frames_in_memory_get_what_their_file_gets(folder, tmp_path):
    frames = np.random.default_rng(1).integers(0, 256, (12, 32, 48, 3), np.uint8)
    path = make_video(
        tmp_path / "v.mkv", codec="ffv1", pixel_format="bgr0", width=48, height=32, fps=10,
        num_frames=12, pictures=frames,
    )  # fmt: skip
    scorer = Scorer(folder / "run")
    assert scorer.score(path).score == scorer.score_frames(frames, fps=10).score


def test_the_card_is_read_from_the_folder(folder):
    assert read_card(folder / "run") == _card()


def test_frozen_models_beside_the_head_come_first(folder, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(folder / "run", run)
    facts = json.loads((run / "pool.json").read_text("utf-8"))
    for entry in facts["entries"]:
        entry["model"] = f"/elsewhere/{entry['name']}.onnx"
    (run / "pool.json").write_text(json.dumps(facts), encoding="utf-8")
    with pytest.raises(ModelError, match="ONNX file of 'one' at '/elsewhere/one.onnx'"):
        Scorer(run)
    (run / "pool").mkdir()
    for name in GAINS:
        shutil.copy(folder / "pool" / f"{name}.onnx", run / "pool")
    same = Scorer(folder / "run").score(folder / "v.mp4")
    assert Scorer(run).score(folder / "v.mp4") == same
    make_frozen(run / "pool" / "one.onnx", gain=9.0)
    with pytest.raises(ModelError, match="weights of 'one' that the head was trained on"):
        Scorer(run)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("card.json", None, r"expected card\.json in the run folder"),
        ("card.json", _card(architecture="other").to_json(), "expected a run of ptm_vqa"),
        ("pool.json", None, r"frozen models of .* in its pool\.json, found none"),
        ("head.json", None, r"expected head\.json and model\.safetensors"),
    ],
)
def test_other_folders_are_refused(folder, tmp_path, file, text, message):
    run = tmp_path / "run"
    shutil.copytree(folder / "run", run)
    (run / file).unlink()
    if text is not None:
        (run / file).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=message):
        Scorer(run)
