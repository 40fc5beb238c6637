"""From the figures of single looks to the faults of a file; all rounding happens here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean

from beholder.faults.kinds import KINDS, FaultKind
from beholder.records import Fault, FaultSpan

_MOST_SPANS = 3
_DIGITS = 2
_TIME_DIGITS = 3
_SHARE_DIGITS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What was measured at one time."""

    time_seconds: float
    figures: dict[str, float]
    """Fault to figure; a fault that cannot be measured here is missing."""


def summarise_faults(looks: Sequence[Look], *, duration_seconds: float | None) -> tuple[Fault, ...]:
    """Put the figures of all looks together.

    Args:
        looks: In order of time.
        duration_seconds: Of the file; None for an image, which has no spans.

    Returns:
        In the order of `KINDS`, those that were measured at least once.
    """
    times = [look.time_seconds for look in looks]
    found = []
    for name, kind in KINDS.items():
        figures = [look.figures.get(name) for look in looks]
        measured = [figure for figure in figures if figure is not None]
        if not measured:
            continue
        share = sum(figure > kind.limit for figure in measured) / len(measured)
        spans = [] if duration_seconds is None else _spans(times, figures, kind, duration_seconds)
        found.append(
            Fault(
                name=name,
                value=_round(fmean(measured), _DIGITS),
                unit=kind.unit,
                limit=kind.limit,
                share=_round(share, _SHARE_DIGITS),
                named=share > 0 and share >= kind.least_share,
                spans=tuple(sorted(spans, key=lambda span: -span.value)[:_MOST_SPANS]),
            )
        )
    return tuple(found)


def _spans(
    times: Sequence[float],
    figures: Sequence[float | None],
    kind: FaultKind,
    duration_seconds: float,
) -> list[FaultSpan]:
    """Join neighbouring looks that have the fault; a look stands for the time around it."""
    middles = [(before + after) / 2 for before, after in pairwise(times)]
    looks = zip([0.0, *middles], [*middles, duration_seconds], figures, strict=True)
    spans = []
    for has_it, group in groupby(looks, key=lambda look: (look[2] or 0.0) > kind.limit):
        members = list(group)
        if has_it:
            span = FaultSpan(
                start_seconds=_round(members[0][0], _TIME_DIGITS),
                end_seconds=_round(members[-1][1], _TIME_DIGITS),
                value=_round(max(figure or 0.0 for _, _, figure in members), _DIGITS),
            )
            spans.append(span)
    return spans


def _round(value: float, digits: int) -> float:
    return round(value, digits) + 0.0
