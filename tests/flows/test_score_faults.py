"""`beholder score --faults`."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.flows.conftest import Run
from tests.media_factory import make_image, make_video


def _noisy_clip() -> None:
    rng = np.random.default_rng(2)
    frames = 128 + rng.normal(0, 25, (24, 96, 128, 1))
    frames[8:16] = -1000
    pictures = np.broadcast_to(frames, (24, 96, 128, 3)).clip(0, 255).astype(np.uint8)
    make_video("v.mp4", num_frames=24, fps=8, pictures=pictures, options={"crf": "10"})


def test_json_has_every_fault_with_unit_limit_and_spans(score: Run) -> None:
    _noisy_clip()
    (result,) = json.loads(score("v.mp4", "--faults").out)["results"]
    faults = {fault["name"]: fault for fault in result["faults"]}
    assert {"noise", "black"} == {name for name, fault in faults.items() if fault["named"]}
    assert list(faults["black"]) == [
        "name", "value", "unit", "limit", "share", "named", "spans",
    ]  # fmt: skip
    (span,) = faults["black"]["spans"]
    assert 0.5 < span["start_seconds"] < span["end_seconds"] < 2.5
    assert span["value"] == 100.0


def test_without_the_option_nothing_is_said_of_faults(score: Run) -> None:
    make_video("v.mp4")
    assert b"faults" not in score("v.mp4").out


def test_table_names_faults_in_a_line_for_each_file(run: Run) -> None:
    _noisy_clip()
    make_image("p.png", np.full((64, 64, 3), 3, np.uint8))
    text = run("score", "v.mp4", "p.png", "--model", "../m.onnx", "--faults").out.decode()
    _, found = text.split("Faults:\n")
    first, second = found.splitlines()
    assert first.startswith("  v.mp4: noise (")
    assert "black (" in first
    assert "worst at 0:0" in first
    assert second == "  p.png: black (100 %)"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_jobs_change_nothing(score: Run, jobs: str) -> None:
    make_video("a.mp4", num_frames=20)
    make_video("b.mp4", num_frames=30)
    alone = [json.loads(score(name, "--faults").out)["results"][0] for name in ("a.mp4", "b.mp4")]
    both = json.loads(score("a.mp4", "b.mp4", "--faults", "--jobs", jobs).out)["results"]
    assert both == alone


def test_csv_has_no_room_for_faults(run: Run) -> None:
    make_video("v.mp4")
    outcome = run("score", "v.mp4", "--model", "../m.onnx", "--faults", "--format", "csv")
    assert outcome.code == 2
    assert "expected --faults with --format table, json or jsonl, found csv" in outcome.err
