"""Ctrl-C and a reader that goes away: in processes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media_factory import make_image
from tests.model_factory import make_model

# A test run in the background of a shell is started with Ctrl-C switched off; switch it on.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from beholder.app.cli import main
main()
"""


@pytest.fixture
def many(tmp_path: Path) -> list[str]:
    """A command that scores one picture ten thousand times."""
    make_image(tmp_path / "a.png", (640, 480))
    make_model(tmp_path / "m.onnx")
    (tmp_path / "list").write_text("a.png\n" * 10_000)
    return [sys.executable, "-c", PROGRAM, "score", "--model", "m.onnx", "--format", "jsonl", "-"]


def _start(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "list").open("rb") as names:
        return subprocess.Popen(
            command, cwd=folder, stdin=names, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )


@pytest.mark.skipif(sys.platform == "win32", reason="signals work otherwise there")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_interrupt_leaves_whole_lines(many: list[str], tmp_path: Path, jobs: str) -> None:
    process = _start([*many, "--jobs", jobs], tmp_path)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    process.send_signal(signal.SIGINT)
    rest, err = process.communicate(timeout=60)
    lines += rest.splitlines(keepends=True)
    assert process.returncode == 130
    assert b"Traceback" not in err
    assert 3 <= len(lines) < 10_000
    assert all(json.loads(line)["status"] == "ok" and line.endswith(b"\n") for line in lines)


@pytest.mark.skipif(sys.platform == "win32", reason="signals work otherwise there")
@pytest.mark.parametrize("output_format", ["jsonl", "json"])
def test_interrupt_with_an_output_file(many: list[str], tmp_path: Path, output_format: str) -> None:
    target = tmp_path / "out.txt"
    process = _start([*many, "--format", output_format, "--output", str(target)], tmp_path)
    while not list(tmp_path.glob("*out.txt*")):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in err
    if output_format == "json":
        assert not list(tmp_path.glob("*out.txt*"))
    else:
        text = target.read_text()
        assert text == "" or text.endswith("\n")
        assert all(json.loads(line) for line in text.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="pipes work otherwise there")
def test_reader_that_goes_away(many: list[str], tmp_path: Path) -> None:
    process = _start(many, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait(timeout=60) == 1
