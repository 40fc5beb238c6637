"""Results as JSON, JSON lines and CSV: the same bytes for the same results."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Iterable
from typing import Any

from beholder.records import Failure, Fault, Score

SCHEMA = 1

CSV_COLUMNS = (
    "path",
    "status",
    "kind",
    "score",
    "interval_low",
    "interval_high",
    "word",
    "frames_used",
    "width_px",
    "height_px",
    "duration_seconds",
    "fps",
    "notes",
    "error",
    "message",
)


def to_dict(result: Score | Failure, *, timeline: bool = False) -> dict[str, Any]:
    """Turn one result into plain values in the order of the documented schema.

    Args:
        result: A score, or why there is none.
        timeline: Add the curve over time to a score.
    """
    if isinstance(result, Failure):
        return {
            "path": result.path,
            "status": "error",
            "error": result.error,
            "message": result.message,
        }
    fields: dict[str, Any] = {
        "path": result.path,
        "status": "ok",
        "kind": result.kind,
        "score": result.score,
        "interval": list(result.interval),
        "word": result.word,
        "frames_used": result.frames_used,
        "width_px": result.width_px,
        "height_px": result.height_px,
        "duration_seconds": result.duration_seconds,
        "fps": result.fps,
    }
    if timeline:
        fields["timeline"] = [
            {"time_seconds": point.time_seconds, "score": point.score} for point in result.timeline
        ]
    if result.notes:
        fields["notes"] = list(result.notes)
    if result.faults is not None:
        fields["faults"] = [_fault(fault) for fault in result.faults]
    return fields


def _fault(fault: Fault) -> dict[str, Any]:
    fields = dataclasses.asdict(fault)
    return {**fields, "spans": list(fields["spans"])}


def to_json(results: Iterable[Score | Failure], *, model: str, timeline: bool = False) -> str:
    """Write all results as one JSON object, which ends with a line feed.

    Args:
        results: In the order of the inputs.
        model: Id of the model that scored.
        timeline: Add the curves over time.
    """
    rows = [to_dict(result, timeline=timeline) for result in results]
    # ASCII only: names may hold bytes that are no text, which no other encoding could carry.
    return json.dumps({"schema": SCHEMA, "model": model, "results": rows}, indent=2) + "\n"


def to_json_line(result: Score | Failure, *, timeline: bool = False) -> str:
    """Write one result as one line of JSON, with its line feed."""
    return json.dumps(to_dict(result, timeline=timeline)) + "\n"


def to_csv(results: Iterable[Score | Failure]) -> str:
    """Write all results as CSV (RFC 4180 quoting, line feeds, one header line)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for result in results:
        fields = to_dict(result)
        fields.pop("faults", None)
        if "interval" in fields:
            fields["interval_low"], fields["interval_high"] = fields.pop("interval")
        fields["notes"] = "; ".join(fields.get("notes", ()))
        writer.writerow(fields)
    return text.getvalue()
