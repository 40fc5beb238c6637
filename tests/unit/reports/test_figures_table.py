"""The same figures in every format; names that would break a table do not."""

import csv
import io
import json

import numpy as np
import pytest

from beholder.evaluation.contest import Contest
from beholder.evaluation.figures import Figure
from beholder.evaluation.significance import Comparison
from beholder.reports.figures_table import Evaluation, to_csv, to_json, to_markdown, to_text


def _figure(value, low, high):
    return Figure(value=value, interval=(low, high))


@pytest.fixture
def evaluation():
    figures = {
        "ours": {"srcc": _figure(0.9, 0.8, 0.95), "rmse_fitted": _figure(10.25, 9, 11)},
        "the|irs": {
            "srcc": _figure(0.5, 0.4, 0.6),
            "rmse_fitted": Figure(value=None, interval=None, reason="no fit"),
        },
    }
    contest = Contest(
        num_items=20,
        num_contents=5,
        figures=figures,
        significance=Comparison(
            figure="srcc",
            test="bootstrap",
            names=("ours", "the|irs"),
            values=(0.9, 0.5),
            p_values=np.array([[1, 0.0004], [0.0004, 1]]),
            marks=(("=", "+"), ("-", "=")),
        ),
        within_p_values={},
        notes=("A note.",),
    )
    return Evaluation(
        data="set",
        split="test",
        scale="points",
        models={"ours": "ours@0123", "the|irs": "the|irs"},
        contests={"all": contest, "codec av1": contest},
        left_out=("Left out: 3 of 23 items.",),
    )


def test_text(evaluation):
    lines = to_text(evaluation).splitlines()
    assert lines[0] == "set, split test: 20 items, 5 contents"
    assert lines[1].split() == ["figure", "ours", "the|irs"]
    assert lines[2].startswith("SRCC  ")
    assert "0.900 [0.800, 0.950]  0.500 [0.400, 0.600]" in lines[2]
    assert lines[3].split("  ")[-1] == "* p < 0.001"
    assert "best" in lines[3]
    assert lines[4].split()[2:] == ["10.2", "[9.0,", "11.0]", "-"]
    assert lines[6] == "set, split test, codec av1: 20 items, 5 contents"
    assert "ours: ours@0123" in lines
    assert lines[-2:] == ["A note.", "Left out: 3 of 23 items."]


def test_markdown_has_as_many_cells_in_each_line(evaluation):
    text = to_markdown(evaluation)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert table[:2] == ["| figure | ours | the\\|irs |", "| --- | --- | --- |"]
    assert {line.replace("\\|", "").count("|") for line in table} == {4}
    assert "\\* p < 0.001" in text


def test_csv_has_a_line_for_each_figure(evaluation):
    lines = list(csv.DictReader(io.StringIO(to_csv(evaluation))))
    assert len(lines) == 2 * 2 * 2
    assert lines[0] == {
        "group": "all", "model": "ours", "figure": "srcc", "value": "0.9", "low": "0.8",
        "high": "0.95", "num_items": "20", "reason": "",
    }  # fmt: skip
    assert (lines[3]["value"], lines[3]["reason"]) == ("", "no fit")


def test_json_tells_everything(evaluation):
    document = json.loads(to_json(evaluation))
    assert document["schema"] == 1
    assert (document["data"], document["split"], document["scale"]) == ("set", "test", "points")
    assert document["models"]["ours"] == "ours@0123"
    first, second = document["groups"]
    assert (first["group"], second["group"], first["best"]) == ("all", "codec av1", "ours")
    assert first["figures"]["ours"]["srcc"] == {"value": 0.9, "interval": [0.8, 0.95]}
    assert first["figures"]["the|irs"]["rmse_fitted"]["reason"] == "no fit"
    assert first["significance"]["marks"] == [["=", "+"], ["-", "="]]
    assert document["left_out"] == ["Left out: 3 of 23 items."]
    assert "bootstrap" in document["protocol"]["intervals"]
