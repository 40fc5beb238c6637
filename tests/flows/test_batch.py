"""`beholder batch`: wrong usage, and one run on a Ray of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from beholder.app import batch
from tests.flows.conftest import Run
from tests.media_factory import make_image
from tests.model_factory import make_model

needs_lists = pytest.mark.skipif(
    find_spec("pyarrow") is None or find_spec("fsspec") is None, reason="needs the extra batch"
)
needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs the extra batch, with Ray")


@pytest.fixture
def pretend_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong usage is told before Ray is started, so it need not be there."""
    monkeypatch.setattr(batch, "find_spec", lambda _: True)


def test_the_extra_is_named_where_it_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "find_spec", lambda name: None if name == "ray" else True)
    outcome = run("batch", "clips", "out")
    assert outcome.code == 2
    assert "pip install 'beholder[batch]'" in outcome.err


@needs_lists
@pytest.mark.usefixtures("pretend_ray")
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nowhere", "out"), "found nothing there; check the name"),
        (("empty", "out"), "expected images or videos in the folder"),
        (("nowhere.csv", "out"), "expected a list at 'nowhere.csv'"),
        (("empty", "out", "--column", "x"), "expected --column and --root with a Parquet"),
        (("list.txt", "out", "--model", "nobody"), "nobody"),
        (("list.txt", "full"), "expected an empty folder or the output of a batch"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], text: str) -> None:
    Path("empty").mkdir()
    Path("full").mkdir()
    Path("full/other.txt").touch()
    Path("list.txt").write_text("a.png\n")
    outcome = run("batch", *arguments)
    assert (outcome.code, outcome.out) == (2, b"")
    assert text in outcome.err
    assert not Path("out").exists()


@needs_lists
@needs_ray
def test_a_run_on_ray_and_one_that_has_nothing_left(tmp_path: Path) -> None:
    from pyarrow import parquet

    clips = tmp_path / "clips"
    clips.mkdir()
    for name in ("a.png", "b.png", "c.png"):
        make_image(clips / name, (64, 48))
    (clips / "broken.mp4").write_bytes(b"no clip")
    make_model(tmp_path / "m.onnx")
    command = [sys.executable, "-m", "beholder", "batch", "clips", "out", "--model", "m.onnx"]
    said = [_finish([*command, "--workers", "1"], tmp_path) for _ in range(2)]
    assert "4 inputs: 0 done before, 4 now\n" in said[0]
    assert "4 inputs: 4 done before, 0 now\nerrors: 1 (1 not_media)\n" in said[1]
    rows = {Path(row["path"]).name: row for row in parquet.read_table(tmp_path / "out").to_pylist()}
    assert sorted(rows) == ["a.png", "b.png", "broken.mp4", "c.png"]
    assert rows["broken.mp4"]["error"] == "not_media"
    assert rows["a.png"]["score"] is not None


def _finish(command: list[str], folder: Path) -> str:
    # RAY_ADDRESS of the tester would send the work to another machine.
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout
