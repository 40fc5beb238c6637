"""Two versions of one content side by side: how far apart, and whether that can be trusted."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from beholder.errors import DataError
from beholder.evaluation.knee import score_loss
from beholder.records import Score, TimelinePoint
from beholder.reports.results import SCHEMA, to_dict
from beholder.reports.table import score_table, show_time

Verdict = Literal["better", "worse", "no difference"]

_SLACK_SECONDS = 0.5
_SLACK_SHARE = 0.02
"""Encoders may drop or add a few frames; more apart than both, two clips are not of one source."""
_DIGITS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Both versions at one time."""

    time_seconds: float
    first: float
    second: float

    @property
    def gap(self) -> float:
        """Points by which the second lies above the first."""
        return round(self.second - self.first, _DIGITS) + 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """How the second version looks beside the first."""

    first: Score
    second: Score
    gap: float
    """Points by which the second lies above the first."""
    uncertainty: float
    """Half width of the 90 % interval of `gap`."""
    verdict: Verdict
    """On the second one; `no difference` where the gap is within the uncertainty."""
    moments: tuple[Moment, ...]
    """At the looks of the first version."""
    notes: tuple[str, ...] = ()

    @property
    def worst(self) -> Moment:
        """Where the second lies furthest below the first, or least above it."""
        return min(self.moments, key=lambda moment: (moment.gap, moment.time_seconds))


def compare_scores(
    first: Score, second: Score, *, floor: float, notes: tuple[str, ...] = ()
) -> Comparison:
    """Compare two versions of one content, e.g. two encodes of one source.

    The uncertainty is that of `beholder.evaluation.knee.score_loss`. Where two clips were looked at
    a different number of times, the second curve is read off at the times of the first.

    Args:
        first: With its timeline.
        second: With its timeline.
        floor: Uncertainty that stays however many frames are looked at, in points.
        notes: What was done to make them comparable.

    Raises:
        DataError: An image and a video, or videos whose durations differ.
    """
    _check_durations(first, second)
    aligned = _align(second, first)
    loss = score_loss(first, aligned, floor=floor)
    verdict: Verdict = "no difference"
    if abs(loss.points) > loss.uncertainty:
        verdict = "worse" if loss.points > 0 else "better"
    return Comparison(
        first=first,
        second=second,
        gap=-loss.points + 0.0,
        uncertainty=loss.uncertainty,
        verdict=verdict,
        moments=tuple(
            Moment(time_seconds=one.time_seconds, first=one.score, second=other.score)
            for one, other in zip(first.timeline, aligned.timeline, strict=True)
        ),
        notes=notes,
    )


def comparison_table(comparison: Comparison) -> str:
    """Show both scores, the gap with its uncertainty, and the worst moment."""
    gap, uncertainty = comparison.gap, comparison.uncertainty
    if comparison.verdict == "no difference":
        verdict = "No difference that the model can be sure of: the second is"
    else:
        verdict = f"The second is {comparison.verdict}:"
    lines = [f"{verdict} {gap:+.2f} ± {uncertainty:.2f} points.\n"]
    worst = comparison.worst
    if comparison.first.kind == "video":
        lines.append(
            f"Worst moment of the second: {show_time(worst.time_seconds)}, "
            f"{worst.second:.2f} against {worst.first:.2f} ({worst.gap:+.2f}).\n"
        )
    lines += [f"Note: {note}\n" for note in comparison.notes]
    return score_table([comparison.first, comparison.second]) + "\n" + "".join(lines)


def comparison_json(comparison: Comparison) -> str:
    """Write a comparison as one JSON object, which ends with a line feed."""
    document = {
        "schema": SCHEMA,
        "model": comparison.first.model,
        "verdict": comparison.verdict,
        "gap": comparison.gap,
        "uncertainty": comparison.uncertainty,
        "worst_moment": _moment_fields(comparison.worst),
        "results": [to_dict(comparison.first), to_dict(comparison.second)],
        "timeline": [_moment_fields(moment) for moment in comparison.moments],
        "notes": list(comparison.notes),
    }
    return json.dumps(document, indent=2) + "\n"


def _moment_fields(moment: Moment) -> dict[str, Any]:
    return {**dataclasses.asdict(moment), "gap": moment.gap}


def _check_durations(first: Score, second: Score) -> None:
    if first.kind != second.kind:
        raise DataError(
            f"expected two images or two videos, found {first.kind} {first.path!r} and "
            f"{second.kind} {second.path!r}; compare versions of one source"
        )
    one, other = first.duration_seconds or 0.0, second.duration_seconds or 0.0
    if abs(one - other) > max(_SLACK_SECONDS, _SLACK_SHARE * max(one, other)):
        raise DataError(
            f"expected two versions of one clip, found {one:.3f} s in {first.path!r} and "
            f"{other:.3f} s in {second.path!r}; cut both to the same part first"
        )


def _align(score: Score, target: Score) -> Score:
    """Give a score as many looks as another one has."""
    if len(score.timeline) == len(target.timeline):
        return score
    times = [point.time_seconds for point in target.timeline]
    values = np.interp(
        times,
        [point.time_seconds for point in score.timeline],
        [point.score for point in score.timeline],
    )
    timeline = tuple(
        TimelinePoint(time_seconds=time, score=round(float(value), _DIGITS))
        for time, value in zip(times, values, strict=True)
    )
    return dataclasses.replace(score, timeline=timeline)
