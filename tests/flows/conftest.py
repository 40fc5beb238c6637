"""Runs the command line inside the test's process, which is quicker than a new one each time."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from beholder.app.cli import main
from tests.media_factory import make_image
from tests.model_factory import make_model


@dataclass(frozen=True)
class Outcome:
    code: int
    out: bytes
    err: str

    @property
    def results(self) -> list[dict[str, Any]]:
        return json.loads(self.out)["results"]


Run = Callable[..., Outcome]


@pytest.fixture
def run(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    """Call the command line in an empty folder that holds `m.onnx` in `model/`."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    make_model(tmp_path / "m.onnx")

    def call(*arguments: str, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["beholder", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsysbinary.readouterr()
        return Outcome(int(stop.value.code or 0), out, err.decode())

    return call


@pytest.fixture
def score(run: Run) -> Run:
    """Call `beholder score` with the model of the tests, as JSON unless told otherwise."""

    def call(*arguments: str, stdin: bytes = b"") -> Outcome:
        return run("score", "--model", "../m.onnx", "--format", "json", *arguments, stdin=stdin)

    return call


@pytest.fixture
def pictures(run: Run) -> list[str]:
    """Three pictures in the current folder, named in their order."""
    names = ["a.png", "b.png", "c.png"]
    for index, name in enumerate(names):
        make_image(name, (32 * (index + 1), 32))
    return names
