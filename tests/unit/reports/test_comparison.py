from __future__ import annotations

import dataclasses
import json
import re

import pytest

from beholder.errors import DataError
from beholder.evaluation.knee import score_loss
from beholder.reports.comparison import compare_scores, comparison_json, comparison_table
from tests.score_factory import make_score

GOOD, BAD = [70.0, 72.0, 71.0, 69.0], [60.0, 63.0, 55.0, 60.0]


def test_gap_and_uncertainty_are_those_of_the_knee() -> None:
    first, second = make_score(GOOD), make_score(BAD, path="b.mp4")
    comparison = compare_scores(first, second, floor=2.9)
    loss = score_loss(first, second, floor=2.9)
    assert (comparison.gap, comparison.uncertainty) == (-loss.points, loss.uncertainty)


@pytest.mark.parametrize(
    ("shift", "verdict"),
    [(-8, "worse"), (-2, "no difference"), (2, "no difference"), (8, "better")],
)
def test_verdict_needs_more_than_the_uncertainty(shift: float, verdict: str) -> None:
    second = make_score([score + shift for score in GOOD])
    comparison = compare_scores(make_score(GOOD), second, floor=2.9)
    assert comparison.verdict == verdict
    assert comparison.gap == pytest.approx(shift, abs=0.2)


def test_a_gap_that_jumps_from_look_to_look_is_less_sure() -> None:
    even = compare_scores(make_score(GOOD), make_score([60.0, 62.0, 61.0, 59.0]), floor=2.9)
    uneven = compare_scores(make_score(GOOD), make_score([70.0, 72.0, 50.0, 50.0]), floor=2.9)
    assert uneven.uncertainty > 3 * even.uncertainty


def test_worst_moment_is_where_the_second_loses_most() -> None:
    worst = compare_scores(make_score(GOOD), make_score(BAD), floor=0).worst
    assert (worst.time_seconds, worst.gap) == (2 / 25, -16.0)


def test_curves_of_different_length_are_read_at_the_same_times() -> None:
    first = make_score([50.0, 60.0, 70.0])
    second = make_score([50.0, 70.0])
    second = dataclasses.replace(
        second,
        timeline=tuple(
            dataclasses.replace(point, time_seconds=time)
            for point, time in zip(second.timeline, (0.0, 0.08), strict=True)
        ),
    )
    gaps = [moment.gap for moment in compare_scores(first, second, floor=1).moments]
    assert gaps == [0.0, 0.0, 0.0]


def test_clips_of_different_length_are_refused() -> None:
    long = dataclasses.replace(make_score(GOOD, path="long.mp4"), duration_seconds=9.0)
    message = (
        "expected two versions of one clip, found 1.000 s in 'a.mp4' and 9.000 s in 'long.mp4'"
    )
    with pytest.raises(DataError, match=re.escape(message)):
        compare_scores(make_score(GOOD), long, floor=2.9)


def test_picture_and_clip_are_refused() -> None:
    picture = dataclasses.replace(make_score([50.0]), kind="image", duration_seconds=None)
    with pytest.raises(DataError, match="expected two images or two videos, found image 'a.mp4'"):
        compare_scores(picture, make_score(GOOD), floor=2.9)


def test_table_says_verdict_and_moment() -> None:
    comparison = compare_scores(make_score(GOOD), make_score(BAD), floor=0.5, notes=("n",))
    text = comparison_table(comparison)
    assert re.search(r"The second is worse: -\d+\.\d\d ± \d+\.\d\d points\.", text)
    assert "Worst moment of the second: 0:00.1, 55.00 against 71.00 (-16.00)." in text
    assert text.endswith("Note: n\n")
    same = compare_scores(make_score(GOOD), make_score(GOOD), floor=2.9)
    assert "No difference that the model can be sure of" in comparison_table(same)


def test_json_holds_the_curve() -> None:
    document = json.loads(
        comparison_json(compare_scores(make_score(GOOD), make_score(BAD), floor=0))
    )
    assert document["verdict"] == "worse"
    assert document["timeline"][2] == {
        "time_seconds": 0.08, "first": 71.0, "second": 55.0, "gap": -16.0,
    }  # fmt: skip
    assert document["worst_moment"] == document["timeline"][2]
    assert len(document["results"]) == 2
