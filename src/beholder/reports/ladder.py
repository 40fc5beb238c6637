"""A scored ladder as a table, JSON, CSV and a picture."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beholder.evaluation.knee import Knee, Loss, find_knee
from beholder.records import Score
from beholder.reports.rate_curve import CURVE_COLORS, RatePoint, draw_rate_curve
from beholder.reports.results import SCHEMA
from beholder.reports.table import show_text, to_table

CSV_COLUMNS = (
    "codec",
    "rung",
    "crf",
    "target_kbps",
    "height_px",
    "kbps",
    "size_bytes",
    "score",
    "interval_low",
    "interval_high",
    "word",
    "loss",
    "uncertainty",
    "knee",
    "vmaf",
    "path",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoredRung:
    """One encode of the source and what was found on it."""

    codec: str
    label: str
    """What was asked for, for people: `crf 23`."""
    crf: int | None
    target_kbps: float | None
    """Rate that was asked for; None where quality was."""
    height_px: int
    kbps: float
    """Rate of the file: its size over its duration."""
    size_bytes: int
    score: Score
    vmaf: float | None = None
    """Mean VMAF against the source, 0..100; None where it was not measured."""
    path: str | None = None
    """The clip; None where it was not kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """All rungs of one source, and the knee of each codec."""

    source: str
    model: str
    rungs: tuple[ScoredRung, ...]
    knees: Mapping[str, Knee]
    """By codec; places are those among the rungs of the codec."""
    notes: tuple[str, ...] = ()


def build_ladder(
    rungs: Sequence[ScoredRung], *, source: str, notes: Sequence[str], floor: float
) -> Ladder:
    """Put rungs together and find the knee of each codec.

    Args:
        rungs: At least one, grouped by codec.
        source: Path of the source.
        notes: What was done to the source before encoding.
        floor: See `beholder.evaluation.knee.score_loss`.
    """
    by_codec = _by_codec(rungs)
    knees = {
        codec: find_knee([r.kbps for r in group], [r.score for r in group], floor=floor)
        for codec, group in by_codec.items()
    }
    return Ladder(
        source=source,
        model=rungs[0].score.model,
        rungs=tuple(rung for group in by_codec.values() for rung in group),
        knees=knees,
        notes=tuple(notes),
    )


def ladder_table(ladder: Ladder) -> str:
    """Show each rung with what it loses against the best of its codec, then the knees."""
    has_vmaf = any(rung.vmaf is not None for rung in ladder.rungs)
    header = ["kbit/s", "score", "90 % interval", "loss", *(["VMAF"] if has_vmaf else [])]
    rows = []
    for rung, loss, is_knee in _judged(ladder):
        cells = [
            *_figures(rung.score, kbps=rung.kbps),
            f"{loss.points:.2f} ± {loss.uncertainty:.2f}",
        ]
        if has_vmaf:
            cells.append("-" if rung.vmaf is None else f"{rung.vmaf:.2f}")
        rows.append([*cells, rung.score.word, rung.codec, rung.label, "knee" if is_knee else ""])
    table = to_table([*header, "word", "codec", "rung", ""], rows, left=len(header))
    return table + "\n" + "".join(_sentences(ladder))


def ladder_json(ladder: Ladder) -> str:
    """Write a ladder as one JSON object, which ends with a line feed."""
    document = {
        "schema": SCHEMA,
        "model": ladder.model,
        "source": ladder.source,
        "notes": list(ladder.notes),
        "rungs": [_fields(*judged) for judged in _judged(ladder)],
    }
    return json.dumps(document, indent=2) + "\n"


def ladder_csv(ladder: Ladder) -> str:
    """Write the rungs as CSV (RFC 4180 quoting, line feeds, one header line)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for judged in _judged(ladder):
        fields = _fields(*judged)
        fields["interval_low"], fields["interval_high"] = fields.pop("interval")
        writer.writerow(fields)
    return text.getvalue()


def draw_ladder(ladder: Ladder, *, title: str) -> bytes:
    """Draw score against rate with a ring around each knee; returns a PNG file.

    A codec has one curve, or one for each size where there are several with several rates.
    """
    judged = _judged(ladder)
    sizes = {rung.height_px for rung in ladder.rungs}
    names = [rung.codec for rung, _, _ in judged]
    by_size = [f"{rung.codec} {rung.height_px}p" for rung, _, _ in judged]
    if 1 < len(sizes) < len(judged) / len(set(names)) and len(set(by_size)) <= len(CURVE_COLORS):
        names = by_size
    curves: dict[str, list[RatePoint]] = {}
    for name, (rung, _, is_knee) in zip(names, judged, strict=True):
        curves.setdefault(name, []).append(RatePoint(rung.kbps, rung.score.score, is_knee))
    return draw_rate_curve(curves, title=title)


def _by_codec(rungs: Sequence[ScoredRung]) -> dict[str, list[ScoredRung]]:
    by_codec: dict[str, list[ScoredRung]] = {}
    for rung in rungs:
        by_codec.setdefault(rung.codec, []).append(rung)
    return by_codec


def _judged(ladder: Ladder) -> list[tuple[ScoredRung, Loss, bool]]:
    return [
        (rung, knee.losses[place], place == knee.place)
        for codec, group in _by_codec(ladder.rungs).items()
        for knee in [ladder.knees[codec]]
        for place, rung in enumerate(group)
    ]


def _figures(score: Score, *, kbps: float) -> tuple[str, str, str]:
    low, high = score.interval
    return f"{kbps:.0f}", f"{score.score:.2f}", f"{low:.2f} - {high:.2f}"


def _fields(rung: ScoredRung, loss: Loss, is_knee: bool) -> dict[str, Any]:
    return {
        "codec": rung.codec,
        "rung": rung.label,
        "crf": rung.crf,
        "target_kbps": rung.target_kbps,
        "height_px": rung.height_px,
        "kbps": round(rung.kbps, 3),
        "size_bytes": rung.size_bytes,
        "score": rung.score.score,
        "interval": list(rung.score.interval),
        "word": rung.score.word,
        "loss": loss.points,
        "uncertainty": loss.uncertainty,
        "knee": is_knee,
        "vmaf": None if rung.vmaf is None else round(rung.vmaf, 3),
        "path": rung.path,
    }


def _sentences(ladder: Ladder) -> list[str]:
    lines = []
    for rung, loss, is_knee in _judged(ladder):
        if is_knee:
            lines.append(
                f"Knee of {rung.codec}: {rung.label}, {rung.kbps:.0f} kbit/s; its loss of "
                f"{loss.points:.2f} is within the uncertainty of {loss.uncertainty:.2f} points.\n"
            )
    return [*lines, *(f"Note: {show_text(note)}\n" for note in ladder.notes)]
