"""What `beholder score` writes, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest

from beholder import Scorer
from beholder.reports.results import to_json
from tests.flows.conftest import Run
from tests.media_factory import make_video


def _names(folder: str) -> list[str]:
    return [path.name for path in Path(folder).iterdir()]


def test_two_runs_any_jobs_and_python_give_the_same_bytes(score: Run, pictures: list[str]) -> None:
    make_video("v.mp4", num_frames=40)
    names = [*pictures, "v.mp4", "none.png"]
    first = score(*names, "--timeline")
    assert first.code == 1
    assert score(*names, "--timeline").out == first.out
    assert score(*names, "--timeline", "--jobs", "2").out == first.out
    scorer = Scorer("../m.onnx")
    ours = [scorer.score(name) for name in names[:-1]]
    expected = json.loads(to_json(ours, model=scorer.model_id, timeline=True))
    found = json.loads(first.out)
    found["results"].pop()
    assert found == expected
    alone = score("v.mp4").out
    assert alone.decode() == to_json([scorer.score("v.mp4")], model=scorer.model_id)


def test_json_has_the_documented_fields(score: Run) -> None:
    make_video("v.mp4", num_frames=20, fps=10)
    outcome = score("v.mp4")
    document = json.loads(outcome.out)
    assert list(document) == ["schema", "model", "results"]
    assert document["schema"] == 1
    assert document["model"].startswith("sharpness@")
    assert list(document["results"][0]) == [
        "path", "status", "kind", "score", "interval", "word", "frames_used", "width_px",
        "height_px", "duration_seconds", "fps",
    ]  # fmt: skip
    curve = score("v.mp4", "--timeline").results[0]["timeline"]
    assert [list(point) for point in curve] == [["time_seconds", "score"]] * 8


def test_json_lines_are_the_same_results(score: Run, pictures: list[str]) -> None:
    lines = score(*pictures, "none.png", "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == score(*pictures, "none.png").results


def test_csv_keeps_names_with_line_breaks(score: Run, pictures: list[str]) -> None:
    Path("a.png").rename("x\ny,z.png")
    text = score(".", "--format", "csv").out.decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["path"] for row in rows] == ["./b.png", "./c.png", "./x\ny,z.png"]
    assert float(rows[0]["interval_high"]) > float(rows[0]["score"])


def test_table_shows_scores_and_reasons(score: Run, pictures: list[str]) -> None:
    Path("a.png").rename("x\x1b[31m.png")
    table = score("x\x1b[31m.png", "none.png", "--format", "table").out.decode()
    header, row, blank, title, reason = table.splitlines()
    assert header.split() == ["score", "90", "%", "interval", "frames", "size", "word", "file"]
    assert row.endswith("32 x 32  bad   x\\x1b[31m.png")
    assert (blank, title) == ("", "Not scored:")
    assert reason.startswith("  none.png: expected")
    assert reason.endswith("[not_found]")


@pytest.mark.parametrize(
    ("bar", "inputs", "code"),
    [("0", ["a.png"], 0), ("100", ["a.png"], 3), ("100", ["a.png", "none.png"], 1)],
)
def test_exit_codes(
    score: Run, pictures: list[str], bar: str, inputs: list[str], code: int
) -> None:
    assert score(*inputs, "--fail-under", bar).code == code


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["a.png", "--format", "xml"], "Invalid value for '--format'"),
        (["a.png", "--jobs", "0"], "Invalid value for '--jobs'"),
        (["a.png", "--fail-under", "101"], "Invalid value for '--fail-under'"),
        ([], "Missing argument"),
        (["a.png", "--format", "csv", "--timeline"], "expected --timeline with --format json"),
        (["a.png", "--model", "nothing"], "a model's name.*found 'nothing'.*[unknown_name]"),
        (["a.png", "--output", "none/x.json"], "output file that can be written"),
        (["a.png", "--model", "a.png"], "expected an ONNX file"),
    ],
)
def test_wrong_usage(score: Run, pictures: list[str], arguments: list[str], match: str) -> None:
    outcome = score(*arguments)
    assert outcome.code == 2
    assert outcome.out == b""
    assert re.search(match, outcome.err)
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("output_format", ["json", "jsonl", "csv", "table"])
def test_output_file_holds_what_the_terminal_would(
    score: Run, pictures: list[str], output_format: str
) -> None:
    shown = score(*pictures, "--format", output_format).out
    Path("out").mkdir()
    Path("out/old.txt").write_text("old")
    outcome = score(*pictures, "--format", output_format, "--output", "out/old.txt")
    assert (outcome.code, outcome.out, outcome.err) == (0, b"", "")
    assert Path("out/old.txt").read_bytes() == shown
    assert _names("out") == ["old.txt"]


def test_failure_leaves_the_old_output(
    score: Run, pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("boom")

    monkeypatch.setattr("beholder.app.score.to_json", broken)
    Path("out").mkdir()
    Path("out/old.json").write_text("old")
    outcome = score("a.png", "--output", "out/old.json")
    assert outcome.code == 1
    assert "RuntimeError: boom; this is a defect of Beholder" in outcome.err
    assert Path("out/old.json").read_text() == "old"
    assert _names("out") == ["old.json"]


def test_devices_are_written_to_and_not_replaced(score: Run, pictures: list[str]) -> None:
    assert score("a.png", "--output", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()
