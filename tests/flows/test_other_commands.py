"""The demo, the cards, and the doors to training."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholder.app import demo
from beholder.app.clip import SIDE_PX, moving_clip
from beholder.app.training import _needs_extra
from beholder.errors import MissingExtra
from tests.flows.conftest import Run


def test_clip_moves_smoothly() -> None:
    frames = [frame.astype(float) for frame in itertools.islice(moving_clip(), 30, 36)]
    assert frames[0].shape == (SIDE_PX, SIDE_PX, 3)
    steps = [np.abs(a - b).mean() for a, b in itertools.pairwise(frames)]
    assert min(steps) > 1
    assert max(steps) < 1.3 * min(steps)


def test_demo_scores_each_rung_and_draws(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_RUNGS", "kbps:600,60")
    monkeypatch.setattr(demo, "moving_clip", lambda: itertools.islice(moving_clip(), 12))
    outcome = run("demo", "--model", "../m.onnx", "--out", "a/b")
    assert outcome.code == 0
    header, *rungs, blank, first, second, source, where = outcome.out.decode().splitlines()
    assert header.split()[-2:] == ["codec", "rung"]
    assert [line.split()[9:12] for line in rungs] == [
        [codec, rate, "kbit/s"] for codec in ("x264", "av1") for rate in ("600", "60")
    ]
    better, worse = (float(line.split()[1]) for line in rungs[:2])
    assert float(source.split()[2]) > better > worse
    assert (blank, first[:14], second[:13]) == ("", "Knee of x264: ", "Knee of av1: ")
    assert where == "Clips and curve.png are in: a/b"
    assert Path("a/b/curve.png").read_bytes().startswith(b"\x89PNG")
    assert len(list(Path("a/b").iterdir())) == 5


def test_demo_needs_a_folder(run: Run) -> None:
    Path("file").touch()
    outcome = run("demo", "--model", "../m.onnx", "--out", "file/x")
    assert outcome.code == 2
    assert "a folder that can be made, found 'file/x'" in outcome.err


def test_card_is_shown_whole(run: Run) -> None:
    outcome = run("models", "../m.onnx")
    assert outcome.code == 0
    text = outcome.out.decode()
    for line in ("name: sharpness", "  detail_side_px: 224", "  half_width: 12.345"):
        assert f"{line}\n" in text
    assert "  srcc 0.500 [0.400, 0.600], n = 3, nothing\n" in text
    document = json.loads(run("models", "../m.onnx", "--format", "json").out)
    assert document["models"][0]["card"]["calibration"]["coverage"] == 0.9
    assert document["models"][0]["size_bytes"] == Path("../m.onnx").stat().st_size


def test_unknown_card(run: Run) -> None:
    outcome = run("models", "none")
    assert outcome.code == 2
    assert "expected a model's name (embedded, embedded-1)" in outcome.err


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Replace the rooms of training; returns what they were called with."""
    calls: list[Any] = []
    rooms: dict[str, dict[str, Any]] = {
        "recipes": {
            "RECIPES": {"tiny": lambda: "recipe"},
            "apply_overrides": lambda recipe, settings: (recipe, tuple(settings)),
            "run_recipe": lambda recipe, progress, **options: calls.append((recipe, options)),
        },
        "export": {"export_run": lambda run, out, results: calls.append((run, out, results))},
    }
    for name, members in rooms.items():
        room = types.ModuleType(name)
        vars(room).update(members)
        monkeypatch.setitem(sys.modules, f"beholder.{name}", room)
    return calls


def test_train_hands_over_recipe_and_settings(run: Run, calls: list[Any]) -> None:
    outcome = run("train", "tiny", "--data", "d", "--out", "o", "--set", "a.b=1", "--set", "c.d=2")
    assert outcome.code == 0
    options = {"data": Path("d"), "out": Path("o"), "resume": False}
    assert calls == [(("recipe", ("a.b=1", "c.d=2")), options)]
    assert run("train", "tiny", "--data", "d", "--out", "o", "--resume").code == 0
    assert calls[1] == (("recipe", ()), {**options, "resume": True})


def test_unknown_recipe(run: Run, calls: list[Any]) -> None:
    outcome = run("train", "nothing", "--data", "d", "--out", "o")
    assert outcome.code == 2
    assert "one of the recipes tiny, found 'nothing'" in outcome.err
    assert calls == []


def test_recipes_and_export(run: Run, calls: list[Any]) -> None:
    assert run("recipes").out.decode().split()[-1] == "tiny"
    assert run("export", "runs/a", "a.onnx").code == 0
    assert calls == [(Path("runs/a"), Path("a.onnx"), [])]


def test_export_reads_the_figures_for_the_card(run: Run, calls: list[Any]) -> None:
    result = {"figure": "srcc", "value": 0.5, "interval": [0.4, 0.6]}
    result |= {"data": "nothing", "num_items": 3, "command": "none"}
    Path("r.json").write_text(json.dumps({"card": [result]}), encoding="utf-8")
    assert run("export", "runs/a", "a.onnx", "--results", "r.json").code == 0
    assert calls[0][2][0].value == 0.5
    outcome = run("export", "runs/a", "a.onnx", "--results", "none.json")
    assert outcome.code == 2
    assert "expected a benchmark's result at 'none.json'" in outcome.err


def test_missing_torch_says_what_to_install() -> None:
    with pytest.raises(MissingExtra, match=r"pip install 'beholder\[train\]'"), _needs_extra():
        raise ModuleNotFoundError("No module named 'torch'", name="torch")
    with pytest.raises(ModuleNotFoundError, match="ours"), _needs_extra():
        raise ModuleNotFoundError("ours", name="beholder.recipes")


def test_module_and_version() -> None:
    command = [sys.executable, "-m", "beholder", "--version"]
    assert subprocess.check_output(command).startswith(b"beholder 0.")
