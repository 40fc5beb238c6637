"""`beholder doctor` and `beholder bench`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from beholder.app import bench
from beholder.media import probe
from beholder.scoring import self_test
from tests.flows.conftest import Run
from tests.media_factory import make_image, make_video

CHECK = self_test.Check(name="model", verdict="same", found="a", expected="a")
OTHER = self_test.Check(name="clip, score", verdict="different", found="1.00", expected="2.00")
ROUNDED = self_test.Check(name="clip, score", verdict="rounded", found="1.00", expected="1.01")


def _answer(monkeypatch: pytest.MonkeyPatch, *checks: self_test.Check) -> None:
    monkeypatch.setattr(self_test, "run_self_test", lambda: list(checks))


def test_doctor_tells_what_is_here(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, CHECK)
    outcome = run("doctor")
    text = outcome.out.decode()
    assert outcome.code == 0
    for word in ("python 3.", "libavcodec", "h264", "libx264", "cores in use", "onnxruntime"):
        assert word in text
    assert text.endswith("This machine gives the same digits as ours.\n")


@pytest.mark.parametrize(
    ("check", "code", "words"),
    [
        (OTHER, 1, ("different  clip, score 1.00, ours 2.00", "OTHER digits")),
        (ROUNDED, 0, ("rounded    clip, score 1.00, ours 1.01", "but for the last one")),
    ],
)
def test_doctor_says_how_digits_differ(
    run: Run, monkeypatch: pytest.MonkeyPatch, check: self_test.Check, code: int, words
) -> None:
    _answer(monkeypatch, CHECK, check)
    outcome = run("doctor")
    assert outcome.code == code
    assert all(each in outcome.out.decode() for each in words)


def test_doctor_as_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _answer(monkeypatch, CHECK, OTHER)
    document = json.loads(run("doctor", "--format", "json").out)
    assert document["verdict"] == "different"
    assert [check["verdict"] for check in document["checks"]] == ["same", "different"]
    assert document["decoders"]["h264"] == "yes"


def test_bench_measures_a_file_of_the_user(run: Run) -> None:
    make_video("v.mp4", num_frames=60, fps=30)
    arguments = ("v.mp4", "--repeats", "1", "--model", "../m.onnx", "--format", "json")
    (row,) = json.loads(run("bench", *arguments).out)["results"]
    assert row["name"] == "v.mp4"
    assert row["duration_seconds"] == 2.0
    speed = row["duration_seconds"] / row["cpu_seconds"]
    assert row["video_seconds_per_cpu_second"] == pytest.approx(speed, rel=0.2)
    assert 20e6 < row["peak_bytes"] < 2e9


def test_bench_draws_clips_where_none_are_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_SIZES", {"tiny": (64, 48)})
    outcome = run("bench", "--seconds", "1", "--repeats", "1", "--model", "../m.onnx")
    assert outcome.code == 0
    assert b"drawn tiny" in outcome.out
    assert b"hours / core and day" in outcome.out


def test_bench_refuses_pictures_and_missing_files(run: Run) -> None:
    make_image("p.png", (64, 64))
    outcome = run("bench", "p.png", "--model", "../m.onnx")
    assert outcome.code == 1
    assert "expected videos to measure, found the picture 'p.png'" in outcome.err
    assert run("bench", "none.mp4", "--model", "../m.onnx").code == 1
    assert run("bench", "--model", "none.onnx").code == 2


def test_drawn_clip_has_the_wanted_length(tmp_path) -> None:
    path = tmp_path / "c.mp4"
    command = [sys.executable, "-m", "beholder.app.bench_clip", str(path), "64", "48", "2"]
    subprocess.run(command, check=True)
    info = probe(path)
    assert (info.num_frames, info.duration_seconds, info.width_px) == (50, 2.0, 64)


@pytest.mark.parametrize(
    ("words", "expected"), [("beholder comp", "compare"), ("beholder score --fau", "--faults")]
)
def test_shells_can_complete(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: str, expected: str
) -> None:
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    monkeypatch.setenv("_BEHOLDER_COMPLETE", "complete_bash")
    assert run().out.decode().split() == [expected]
