"""`beholder datasets`: the list, one card, and a copy of a data set that is or is not whole."""

from __future__ import annotations

import json
from pathlib import Path

from beholder.datasets.registry import DATASETS
from tests.dataset_trees import TREES, write
from tests.flows.conftest import Run


def test_alone_it_lists(run: Run) -> None:
    outcome = run("datasets")
    assert outcome.code == 0
    lines = outcome.out.decode().splitlines()
    rows = {name for line in lines[1:] for name in line.split()[:2] if name in DATASETS}
    assert rows == set(DATASETS)
    assert lines[-1] == "The whole card: beholder datasets show NAME"
    cards = json.loads(run("datasets", "--format", "json").out)["datasets"]
    assert [card["name"] for card in cards] == list(DATASETS)


def test_a_card_is_shown_whole(run: Run) -> None:
    text = run("datasets", "show", "waterloo_ivc_4k").out.decode()
    assert "mos_range: 0 (worst) to 100\n" in text
    assert "presets: waterloo_ivc_4k_internvqa (InternVQA: contents 1 to 4 are the test)" in text
    card = json.loads(run("datasets", "show", "live", "--format", "json").out)["dataset"]
    assert (card["mos_range"], card["presets"]) == ([112.0, -3.0], {})
    outcome = run("datasets", "show", "koniq")
    assert outcome.code == 2
    assert "did you mean koniq10k" in outcome.err


def test_a_whole_copy_passes(run: Run, tmp_path: Path) -> None:
    TREES["koniq10k"](tmp_path)
    outcome = run("datasets", "check", "koniq10k", "--data", str(tmp_path))
    assert outcome.code == 0
    text = outcome.out.decode()
    assert "labelled: 3 (10,073 published)\nfound: 3\nmissing: 0\n" in text
    assert "parts: train 1, test 1, val 1\n" in text
    assert f"  0.7-0.8       1 {'#' * 40}\n" in text


def test_gaps_fail_and_are_named(run: Run, tmp_path: Path) -> None:
    lines = "".join(f"{index}.mp4,{index % 5 + 1}\n" for index in range(22))
    write(tmp_path, "mine.csv", f"path,mos\n{lines}0.mp4,1\n")
    arguments = ("datasets", "check", "csv", "--data", str(tmp_path / "mine.csv"))
    outcome = run(*arguments, "--mos-range", "1", "5")
    assert outcome.code == 1
    text = outcome.out.decode()
    assert "missing: 23\nlisted twice: 1\n" in text
    assert "Missing:\n  0.mp4\n  1.mp4\n" in text
    assert "  and 3 more (all of them: --format json)\n" in text
    outcome = run(*arguments, "--mos-range", "1", "5", "--format", "json")
    assert outcome.code == 1
    report = json.loads(outcome.out)["report"]
    assert (len(report["missing"]), report["is_whole"]) == (23, False)


def test_wrong_calls_say_what_is_right(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "mine.csv", "path,mos\na.mp4,3\n")
    arguments = ("datasets", "check", "csv", "--data", str(tmp_path / "mine.csv"))
    assert run(*arguments, "--mos-range", "5").code == 2
    outcome = run(*arguments)
    assert outcome.code == 1
    assert "found 3.0; give the data set's own range to the reader" in outcome.err
    outcome = run("datasets", "check", "live", "--data", str(tmp_path))
    assert outcome.code == 1
    assert "expected a MATLAB file at" in outcome.err
