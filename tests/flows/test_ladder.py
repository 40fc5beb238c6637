"""`beholder ladder` and `beholder ladder make`, from words on the command line to files."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from beholder.ladders.manifest import read_manifest
from tests.flows.conftest import Outcome, Run
from tests.media_factory import make_image, make_video
from tests.model_factory import make_model

NOISE = [
    np.random.default_rng(9).integers(0, 256, (24, 40, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    for _ in range(4)
]


@pytest.fixture
def climb(run: Run) -> Run:
    """Call `beholder ladder` with the model of the tests."""
    make_video("film.mkv", width=160, height=96, codec="ffv1", pictures=NOISE)

    def call(*arguments: str) -> Outcome:
        return run("ladder", "--model", "../m.onnx", *arguments)

    return call


def test_a_source_is_climbed(climb: Run) -> None:
    outcome = climb("film.mkv", "--codec", "x264,vp9", "--rungs", "crf:10,45", "--keep")
    assert outcome.code == 0, outcome.err
    lines = outcome.out.decode().splitlines()
    assert len(lines) == 1 + 4 + 1 + 2 + 1
    assert lines[1].split()[-3:] == ["x264", "crf", "10"] or lines[1].endswith("knee")
    assert lines[-1] == "The curves are in: beholder-ladder/curve.png"
    assert sorted(path.name for path in Path("beholder-ladder").iterdir()) == [
        "curve.png", "vp9-crf10.webm", "vp9-crf45.webm", "x264-crf10.mp4", "x264-crf45.mp4",
    ]  # fmt: skip


def test_json_agrees_with_scoring_the_kept_clips(climb: Run, run: Run) -> None:
    outcome = climb("film.mkv", "--rungs", "kbps:900,100", "--keep", "--format", "json")
    rungs = json.loads(outcome.out)["rungs"]
    for rung in rungs:
        assert rung["size_bytes"] == Path(rung["path"]).stat().st_size
        # Matroska rounds times to milliseconds, and so the rate of frames of so short a source.
        assert rung["kbps"] == pytest.approx(rung["size_bytes"] * 8 * 30 / 4 / 1000, rel=0.01)
        scored = run("score", "--model", "../m.onnx", "--format", "json", rung["path"])
        assert scored.results[0]["score"] == rung["score"]
    assert rungs[0]["kbps"] > rungs[1]["kbps"]
    assert sum(rung["knee"] for rung in rungs) == 1


def test_a_small_encode_is_judged_at_the_size_of_the_source(climb: Run, run: Run) -> None:
    arguments = ("film.mkv", "--rungs", "size:96,48", "--rungs", "crf:5", "--keep")
    outcome = climb(*arguments, "--format", "csv", "--output", "o.csv", "--out", "o")
    assert (outcome.code, outcome.out) == (0, b"")
    large, small = csv.DictReader(io.StringIO(Path("o.csv").read_text()))
    assert (large["height_px"], small["height_px"]) == ("96", "48")
    assert float(small["score"]) < float(large["score"])
    alone = run("score", "--model", "../m.onnx", "--format", "json", small["path"]).results[0]
    # The model of the tests measures sharpness: stretching takes some of it.
    assert (alone["height_px"], alone["score"] > float(small["score"])) == (48, True)


def test_vmaf_has_a_column_and_clips_go_away(climb: Run) -> None:
    outcome = climb("film.mkv", "--rungs", "crf:10,45", "--vmaf", "--limit-seconds", "0.1",
                    "--format", "json", "--out", "o")  # fmt: skip
    fine, coarse = json.loads(outcome.out)["rungs"]
    assert fine["vmaf"] > coarse["vmaf"]
    assert [path.name for path in Path("o").iterdir()] == ["curve.png"]


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["none.mkv"], 1, "found nothing at this path"),
        (["p.png"], 2, "expected a video to encode at several rates, found a picture"),
        (["film.mkv", "--codec", "x264,h264"], 2, "codecs x264, x265, vp9, av1, found 'h264'"),
        (["film.mkv", "--rungs", "20"], 2, "found '20'; write e.g. crf:23,33"),
        (["film.mkv", "--out", "film.mkv"], 2, "a folder that can be made"),
    ],
)
def test_wrong_use_is_told(arguments: list[str], code: int, text: str, climb: Run) -> None:
    make_image("p.png")
    outcome = climb(*arguments)
    assert outcome.code == code
    assert text in outcome.err
    assert not Path("beholder-ladder").exists()


def test_vmaf_without_its_package_is_told(climb: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    outcome = climb("film.mkv", "--vmaf")
    assert outcome.code == 2
    assert "pip install 'beholder[vmaf]'" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "usage"),
    [
        (["--help"], "Usage: beholder ladder [OPTIONS] SOURCE"),
        ([], "Usage: beholder ladder [OPTIONS] SOURCE"),
        (["make", "--help"], "Usage: beholder ladder make [OPTIONS] SOURCES OUT"),
    ],
)
def test_manuals(arguments: list[str], usage: str, run: Run) -> None:
    outcome = run("ladder", *arguments)
    text = outcome.out.decode()
    assert (outcome.code, text.splitlines()[0]) == (0, usage)
    assert "Examples:\n" in text
    assert "beholder ladder make" in text


def test_a_source_may_have_the_name_of_a_command(climb: Run) -> None:
    Path("film.mkv").rename("run")
    assert climb("run", "--rungs", "crf:40").code == 0
    Path("run").rename("make")
    assert climb("./make", "--rungs", "crf:40").code == 0


def test_make_goes_on_after_a_broken_source(run: Run) -> None:
    Path("sources").mkdir()
    Path("sources/a.mp4").write_bytes(b"broken")
    make_video("sources/b.mkv", width=160, height=96, codec="ffv1", pictures=NOISE)
    arguments = ("ladder", "make", "sources", "out", "--frames", "2", "--rungs", "2")
    outcome = run(*arguments, "--pack", "packs", "--jobs", "2")
    assert outcome.code == 1
    assert "a: expected pictures or video" in outcome.err
    assert "b: 8 clips, VMAF" in outcome.err
    assert len(read_manifest("out", need_vmaf=True)) == 9
    assert sorted(path.name for path in Path("packs").iterdir()) == ["b.json", "b.npy"]
    Path("sources/a.mp4").unlink()
    assert run(*arguments).code == 0


def test_make_without_vmaf_says_so_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    Path("sources").mkdir()
    for name in ("a", "b"):
        make_video(f"sources/{name}.mkv", width=160, height=96, codec="ffv1", pictures=NOISE)
    arguments = ("ladder", "make", "sources", "out", "--frames", "2", "--rungs", "2")
    outcome = run(*arguments)
    assert outcome.code == 0
    assert outcome.err.count("VMAF stays empty: this needs the package 'imageio-ffmpeg'") == 1
    assert {rung.vmaf_mean for rung in read_manifest("out")} == {None}
    assert run(*arguments, "--pack", "packs").code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="signals work otherwise there")
def test_interrupt_leaves_nothing_half_written(tmp_path: Path) -> None:
    make_model(tmp_path / "m.onnx")
    make_video(tmp_path / "film.mp4", width=640, height=480, num_frames=250)
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from beholder.app.cli import main; main()"
    )
    command = [sys.executable, "-c", program, "ladder", "film.mp4", "--model", "m.onnx"]
    command += ["--codec", "vp9", "--keep", "--out", "o", "--output", "o.txt"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE)
    while not list(tmp_path.glob("o/.ladder-*/*")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "m.onnx", "o"]
    assert list((tmp_path / "o").iterdir()) == []
