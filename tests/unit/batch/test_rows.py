"""Rows of results."""

from dataclasses import replace

import pytest

from beholder.batch.rows import schema, to_row, to_table
from beholder.records import Failure
from beholder.reports.results import to_dict
from tests.score_factory import make_score

pytest.importorskip("pyarrow", reason="needs the extra batch")


def _row(result):
    return to_row(to_dict(result), model="m@1", elapsed_seconds=1.23456)


def test_a_score_fills_all_columns_but_those_of_an_error():
    score = replace(make_score([50.0, 60.0], path="/d/a.mp4"), notes=("interlaced",))
    (row,) = to_table([_row(score)]).to_pylist()
    assert row["path"] == "/d/a.mp4"
    assert row["status"] == "ok"
    assert (row["interval_low"], row["interval_high"]) == score.interval
    assert row["score"] == score.score
    assert row["notes"] == ["interlaced"]
    assert row["model"] == "m@1"
    assert row["elapsed_seconds"] == 1.235
    assert row["error"] is None
    assert row["message"] is None


def test_an_error_fills_only_its_own():
    (row,) = to_table([_row(Failure(path="a", error="damaged", message="x"))]).to_pylist()
    filled = {name for name, value in row.items() if value is not None}
    assert filled == {"path", "status", "error", "message", "model", "elapsed_seconds"}


def test_names_that_are_no_text_become_text():
    (row,) = to_table([_row(Failure(path="\udcff", error="x", message="'\udcff'"))]).to_pylist()
    assert row["path"] == "\\xff"
    assert row["message"] == "'\\xff'"


def test_no_field_of_a_result_is_lost():
    known = {*schema().names, "interval"}
    for result in (
        replace(make_score([50.0]), notes=("x",)),
        Failure(path="a", error="b", message="c"),
    ):
        assert set(to_dict(result)) <= known
