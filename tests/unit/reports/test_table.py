from __future__ import annotations

import dataclasses

from beholder.records import Failure, Fault, FaultSpan, Score
from beholder.reports.results import to_csv, to_dict
from beholder.reports.table import describe_faults, score_table, show_text, to_table

SCORE = Score(
    path="a.mp4",
    kind="video",
    score=71.3,
    interval=(58.8, 83.8),
    word="good",
    model="m@0123456789ab",
    frames_used=8,
    width_px=1920,
    height_px=1080,
    duration_seconds=2.0,
    fps=25.0,
    timeline=(),
)
FAILURE = Failure(path="b.mp4", error="damaged", message="expected more, found less")


def test_columns_are_aligned() -> None:
    table = to_table(("n", "name"), [("1", "x"), ("20", "longer")], left=1)
    assert table == " n  name\n 1  x\n20  longer\n"


def test_control_signs_are_shown_and_letters_stay() -> None:
    assert show_text("ü\n\x1b[0m\udcff b") == "ü\\n\\x1b[0m\\udcff b"


def test_notes_and_failures_follow_the_scores() -> None:
    noted = dataclasses.replace(SCORE, notes=("interlaced", "tone-mapped from pq to sdr"))
    assert score_table([FAILURE, noted]).splitlines()[1:] == [
        "71.30  58.80 - 83.80       8  1920 x 1080  good  a.mp4",
        "",
        "Notes:",
        "  a.mp4: interlaced; tone-mapped from pq to sdr",
        "",
        "Not scored:",
        "  b.mp4: expected more, found less [damaged]",
    ]


def test_notes_are_in_json_and_csv_only_where_there_are_any() -> None:
    noted = dataclasses.replace(SCORE, notes=("interlaced", "odd"))
    assert "notes" not in to_dict(SCORE)
    assert to_dict(noted)["notes"] == ["interlaced", "odd"]
    assert to_csv([noted, FAILURE]).splitlines()[1:] == [
        "a.mp4,ok,video,71.3,58.8,83.8,good,8,1920,1080,2.0,25.0,interlaced; odd,,",
        'b.mp4,error,,,,,,,,,,,,damaged,"expected more, found less"',
    ]


def test_faults_are_told_in_a_line() -> None:
    span = FaultSpan(start_seconds=61.04, end_seconds=64.0, value=80.0)
    blur = Fault(
        name="blur", value=61.5, unit="%", limit=52.0, share=0.4, named=True, spans=(span,)
    )
    noise = Fault(name="noise", value=1.0, unit="levels", limit=4.5, share=0, named=False, spans=())
    assert describe_faults((blur, noise)) == "blur (61.5 %), worst at 1:01.0 to 1:04.0"
    assert describe_faults((noise,)) == "none named"
    table = score_table([dataclasses.replace(SCORE, faults=(noise,))])
    assert table.endswith("Faults:\n  a.mp4: none named\n")
