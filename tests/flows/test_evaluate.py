"""`beholder evaluate` as its users meet it: on a tiny data set of the tests' own."""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from beholder.app import contests
from beholder.evaluation.contest import hold_contest
from beholder.evaluation.split_set import Part, SplitSet, write_splits
from beholder.scoring import Scorer
from tests.flows.conftest import Run
from tests.media_factory import make_image, numbered_picture
from tests.model_factory import make_model

NUM_ITEMS = 12


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and few resamples, which nothing here depends on."""
    monkeypatch.setenv("BEHOLDER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(contests, "hold_contest", partial(hold_contest, num_resamples=50))


@pytest.fixture
def evaluate(run: Run) -> Run:
    """Call `beholder evaluate` on pictures whose opinions follow their contrast."""
    Path("set").mkdir()
    lines = ["path,mos,mos_std,content_id,codec,split"]
    for index in range(NUM_ITEMS):
        picture = 128 + (numbered_picture(0).astype(float) - 128) * (1 - index / 20)
        make_image(f"set/{index}.png", picture.astype("uint8"))
        codec, split = ("av1", "train") if index % 2 else ("x264", "test")
        lines.append(f"{index}.png,{5 - index / 4},0.5,{index // 4},{codec},{split}")
    Path("set/manifest.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def call(*arguments: str) -> Any:
        dataset = ("--dataset", "csv", "--data", "set", "--mos-range", "1", "5")
        return run("evaluate", "../m.onnx", *dataset, "--format", "json", *arguments)

    return call


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that a model really looks at."""
    names: list[str] = []
    original = Scorer.score

    def score(self: Scorer, path: str, **options: Any) -> Any:
        names.append(Path(path).name)
        return original(self, path, **options)

    monkeypatch.setattr(Scorer, "score", score)
    return names


def _group(outcome: Any, index: int = 0) -> dict[str, Any]:
    return json.loads(outcome.out)["groups"][index]


def _write_predictions(name: str, sign: int = 1) -> None:
    lines = [f"{index}.png,{sign * (index**2 % 7)}" for index in range(NUM_ITEMS)]
    Path(name).write_text("\n".join(["path,predicted", *lines]) + "\n", encoding="utf-8")


def test_second_run_scores_nothing_and_says_the_same(evaluate: Run, scored: list[str]) -> None:
    first = evaluate("--jobs", "2")
    assert first.code == 0, first.err
    assert len(scored) == NUM_ITEMS
    second = evaluate()
    assert len(scored) == NUM_ITEMS
    assert second.out == first.out
    figures = _group(first)["figures"]["m"]
    assert figures["srcc"]["value"] > 0.7
    assert {"krcc", "plcc_fitted", "outlier_ratio_2std", "within_content_srcc", "coverage"} <= set(
        figures
    )
    document = json.loads(first.out)
    assert (document["data"], document["split"], document["schema"]) == ("csv", "all", 1)
    assert document["models"]["m"].startswith("sharpness@")


def test_stopped_run_goes_on(
    evaluate: Run, scored: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Scorer.score

    def stop_at_fifth(self: Scorer, path: str, **options: Any) -> Any:
        if len(scored) == 5:
            raise KeyboardInterrupt
        return counted(self, path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Scorer, "score", stop_at_fifth)
        assert evaluate().code == 130
    assert len(scored) == 5
    assert evaluate().code == 0
    assert sorted(scored) == sorted(f"{index}.png" for index in range(NUM_ITEMS))


def test_changed_file_is_scored_again(evaluate: Run, scored: list[str]) -> None:
    evaluate()
    scored.clear()
    make_image("set/3.png", numbered_picture(77))
    assert evaluate().code == 0
    assert scored == ["3.png"]


def test_broken_file_is_told_at_the_end(evaluate: Run) -> None:
    Path("set/3.png").write_bytes(b"no picture")
    outcome = evaluate()
    assert outcome.code == 1
    assert "beholder: not scored by m: 3.png: " in outcome.err
    assert "[not_media]" in outcome.err
    assert _group(outcome)["num_items"] == NUM_ITEMS - 1
    (left_out,) = json.loads(outcome.out)["left_out"]
    assert "1 of 12 items without a prediction of m: '3.png'" in left_out


def test_missing_files_are_refused_or_left_out(evaluate: Run) -> None:
    Path("set/3.png").unlink()
    assert evaluate("--split", "test").code == 0
    refused = evaluate()
    assert refused.code == 1
    assert "none for '3.png'" in refused.err
    outcome = evaluate("--skip-missing")
    assert outcome.code == 0
    assert _group(outcome)["num_items"] == NUM_ITEMS - 1
    assert "files are not there: '3.png'" in json.loads(outcome.out)["left_out"][0]


def test_part_and_groups(evaluate: Run) -> None:
    assert _group(evaluate("--split", "test"))["num_items"] == NUM_ITEMS // 2
    outcome = evaluate("--by", "codec")
    names = [group["group"] for group in json.loads(outcome.out)["groups"]]
    assert names == ["all", "codec x264", "codec av1"]
    assert _group(outcome, 1)["num_items"] == NUM_ITEMS // 2
    small = evaluate("--by", "content_id")
    assert "Too small" in json.loads(small.out)["left_out"][0]


def test_split_file_with_two_parts(evaluate: Run, scored: list[str]) -> None:
    def part(name: str, start: int) -> Part:
        test = {f"{index}.png" for index in range(start, start + 5)}
        train = {f"{index}.png" for index in range(NUM_ITEMS)} - test
        return Part(name=name, train=tuple(sorted(train)), test=tuple(sorted(test)))

    parts = (part("first", 0), part("second", 2))
    write_splits(Path("s.json"), SplitSet(name="two", seed=None, fraction=None, parts=parts))
    outcome = evaluate("--split", "s.json")
    assert outcome.code == 0, outcome.err
    document = json.loads(outcome.out)
    assert document["split"] == "two"
    assert [group["group"] for group in document["groups"]] == [
        "median of 2 parts", "first", "second",
    ]  # fmt: skip
    assert len(scored) == 7


def test_several_models_in_one_table(evaluate: Run) -> None:
    _write_predictions("theirs.csv")
    _write_predictions("theirs_turned.csv", sign=-1)
    files = ("--predictions", "theirs.csv", "--predictions", "theirs_turned.csv")
    outcome = evaluate(*files, "--plot", "p.png")
    assert outcome.code == 0, outcome.err
    group = _group(outcome)
    assert list(group["figures"]) == ["m", "theirs", "theirs_turned"]
    turned = group["figures"]["theirs_turned"]["srcc"]["value"]
    assert turned == -group["figures"]["theirs"]["srcc"]["value"]
    assert group["best"] == "m"
    assert len(group["significance"]["marks"]) == 3
    assert Path("p.png").read_bytes().startswith(b"\x89PNG")


def test_saved_predictions_stand_alone(evaluate: Run, run: Run) -> None:
    first = evaluate("--save-predictions", "sharp.csv")
    assert first.code == 0, first.err
    with Path("sharp.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == NUM_ITEMS
    alone = run("evaluate", "--predictions", "sharp.csv", "--format", "json")
    assert alone.code == 0, alone.err
    ours = _group(first)["figures"]["m"]
    ours.pop("coverage")
    assert _group(alone)["figures"]["sharp"] == ours


def test_two_exports_of_one_recipe_are_told_apart(evaluate: Run, tmp_path: Path) -> None:
    make_model(tmp_path / "other.onnx", gain=0.5)
    outcome = evaluate("../other.onnx")
    assert outcome.code == 0, outcome.err
    assert list(_group(outcome)["figures"]) == ["m", "other"]
    twice = evaluate("../m.onnx")
    assert twice.code == 2
    assert "models of different names, found twice 'm'" in twice.err


def test_a_bare_file_name_is_enough(evaluate: Run) -> None:
    Path("set/deep").mkdir()
    Path("set/0.png").rename("set/deep/0.png")
    manifest = Path("set/manifest.csv")
    text = manifest.read_text(encoding="utf-8").replace("\n0.png", "\ndeep/0.png")
    manifest.write_text(text, encoding="utf-8")
    _write_predictions("theirs.csv")
    assert _group(evaluate("--predictions", "theirs.csv"))["num_items"] == NUM_ITEMS


def test_votes_bring_the_analysis_of_pairs(evaluate: Run) -> None:
    figures = _group(evaluate("--votes", "20"))["figures"]["m"]
    assert "auc_better_worse" in figures
    assert "outlier_ratio_ci95" in figures


@pytest.mark.parametrize("output_format", ["table", "markdown"])
def test_formats(evaluate: Run, output_format: str) -> None:
    outcome = evaluate("--format", output_format, "--output", "out.txt")
    assert (outcome.code, outcome.out) == (0, b"")
    assert "sharpness@" in Path("out.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--dataset", "biq2021"), 2, "--dataset NAME together with --data ROOT"),
        (("--dataset", "biq2020", "--data", "."), 2, "did you mean biq2021"),
        ((), 2, "expected --dataset NAME for a model to be judged on"),
        (("--predictions", "t.csv", "--split", "test"), 2, "expected a split file"),
        (("--predictions", "t.csv", "--predictions", "t.csv"), 2, "different names, found twice"),
        (("--predictions", "none.csv"), 1, "expected a readable CSV file at none.csv"),
        (("--predictions", "t.csv", "--by", "codec"), 1, "expected items with a codec, found none"),
        (("--predictions", "t.csv", "--predictions", "u.csv"), 1, "same opinions in all files"),
        (("--predictions", "t.csv", "--predictions", "v.csv"), 1, "at least 5 items that all"),
        (
            ("--predictions", "t.csv", "--predictions", "v.csv", "--save-predictions", "s.csv"),
            2,
            "expected one model with --save-predictions, found 2",
        ),
        (("--predictions", "t.csv", "--by", "codec", "--split", "s.json"), 2, "without a split"),
    ],
)
def test_errors_teach(run: Run, arguments: tuple[str, ...], code: int, message: str) -> None:
    for name, shift, suffix in (("t", 0, ""), ("u", 1, ""), ("v", 0, "x")):
        lines = [f"{index}{suffix},{index + shift},{index % 3}" for index in range(6)]
        text = "\n".join(["path,mos,predicted", *lines]) + "\n"
        Path(f"{name}.csv").write_text(text, encoding="utf-8")
    outcome = run("evaluate", *arguments)
    assert outcome.code == code
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_unknown_part_and_foreign_paths(evaluate: Run) -> None:
    unknown = evaluate("--split", "val")
    assert unknown.code == 1
    assert "official parts test, train" in unknown.err
    Path("far.csv").write_text("path,predicted\nelse/x.png,1\n", encoding="utf-8")
    foreign = evaluate("--predictions", "far.csv")
    assert foreign.code == 1
    assert "none of the chosen items, but 'else/x.png'" in foreign.err
