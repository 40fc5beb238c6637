"""A scored ladder reads the same in each form."""

from __future__ import annotations

import csv
import dataclasses
import io
import json

import pytest

from beholder.reports import ladder as report
from beholder.reports.ladder import (
    CSV_COLUMNS,
    Ladder,
    ScoredRung,
    build_ladder,
    draw_ladder,
    ladder_csv,
    ladder_json,
    ladder_table,
)
from beholder.reports.rate_curve import RatePoint
from tests.score_factory import make_score


def rung(codec: str, crf: int, score: float, *, vmaf: float | None = None) -> ScoredRung:
    return ScoredRung(
        codec=codec,
        label=f"crf {crf}",
        crf=crf,
        target_kbps=None,
        height_px=48,
        kbps=10_000 / crf,
        size_bytes=40_000 // crf,
        score=make_score([score] * 4),
        vmaf=vmaf,
    )


def ladder(*, vmaf: float | None = None) -> Ladder:
    rungs = [rung("x264", 20, 70.0), rung("av1", 25, 72.0, vmaf=vmaf), rung("x264", 40, 68.0)]
    return build_ladder(rungs, source="in\n.mov", notes=["10 bits"], floor=2.75)


def test_table_names_the_knee_of_each_codec() -> None:
    header, *rows, blank, first, second, note = ladder_table(ladder()).splitlines()
    assert header == "kbit/s  score  90 % interval         loss  word  codec  rung"
    assert rows[0] == "   500  70.00  60.00 - 80.00  0.00 ± 2.75  good  x264   crf 20"
    assert rows[1] == "   250  68.00  58.00 - 78.00  2.00 ± 2.75  good  x264   crf 40  knee"
    assert rows[2].endswith("av1    crf 25  knee")
    assert blank == ""
    assert first == (
        "Knee of x264: crf 40, 250 kbit/s; its loss of 2.00 is within the uncertainty of 2.75 "
        "points."
    )
    assert second.startswith("Knee of av1: crf 25, 400 kbit/s; its loss of 0.00")
    assert note == "Note: 10 bits"


def test_vmaf_has_a_column_where_there_is_some() -> None:
    lines = ladder_table(ladder(vmaf=95.5)).splitlines()
    assert "VMAF" in lines[0]
    assert lines[1].split()[8:10] == ["-", "good"]
    assert lines[3].split()[8:10] == ["95.50", "good"]


def test_json_holds_everything() -> None:
    document = json.loads(ladder_json(ladder(vmaf=95.5)))
    assert list(document) == ["schema", "model", "source", "notes", "rungs"]
    assert (document["model"], document["source"]) == ("m@0", "in\n.mov")
    assert [r["knee"] for r in document["rungs"]] == [False, True, True]
    assert document["rungs"][2]["vmaf"] == 95.5
    assert document["rungs"][1] == {
        "codec": "x264",
        "rung": "crf 40",
        "crf": 40,
        "target_kbps": None,
        "height_px": 48,
        "kbps": 250.0,
        "size_bytes": 1000,
        "score": pytest.approx(68),
        "interval": pytest.approx([58, 78]),
        "word": "good",
        "loss": 2.0,
        "uncertainty": 2.75,
        "knee": True,
        "vmaf": None,
        "path": None,
    }


def test_csv_has_one_row_per_rung() -> None:
    rows = list(csv.DictReader(io.StringIO(ladder_csv(ladder()))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [(row["codec"], row["knee"], row["vmaf"]) for row in rows] == [
        ("x264", "False", ""), ("x264", "True", ""), ("av1", "True", ""),
    ]  # fmt: skip


def curves(monkeypatch: pytest.MonkeyPatch, rungs: list[ScoredRung]) -> dict[str, list[float]]:
    drawn: dict[str, list[float]] = {}

    def draw(curves: dict[str, list[RatePoint]], *, title: str) -> bytes:
        drawn.update({name: [point.kbps for point in points] for name, points in curves.items()})
        return title.encode()

    monkeypatch.setattr(report, "draw_rate_curve", draw)
    assert draw_ladder(build_ladder(rungs, source="a", notes=(), floor=1), title="a") == b"a"
    return drawn


def test_picture_is_a_png_with_a_ring_around_the_knee() -> None:
    picture = draw_ladder(ladder(), title="a")
    assert picture.startswith(b"\x89PNG")
    assert picture != draw_ladder(
        build_ladder(ladder().rungs, source="a", notes=(), floor=0), title="a"
    )


def test_curves_are_codecs_or_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = [rung("x264", 20, 70), rung("x264", 40, 60), rung("av1", 20, 70)]
    assert curves(monkeypatch, plain) == {"x264": [500, 250], "av1": [500]}
    small = [dataclasses.replace(each, height_px=24) for each in plain[:2]]
    assert curves(monkeypatch, plain[:2] + small) == {
        "x264 48p": [500, 250],
        "x264 24p": [500, 250],
    }
    # One rate per size: the sizes are the rungs of one curve.
    assert curves(monkeypatch, [plain[0], small[1]]) == {"x264": [500, 250]}
