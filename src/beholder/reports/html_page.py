"""One self-contained HTML page about many scores: no outside asset, every name escaped."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from statistics import fmean, median
from typing import Any

from beholder.errors import MissingExtra
from beholder.records import Failure, Fault, Score
from beholder.reports.families import Family
from beholder.reports.html_charts import histogram, rate_chart, timeline_chart
from beholder.reports.table import show_text, show_time

_PAGE = Path(__file__).parent / "page"
_COLUMNS = (
    ("score", True),
    ("90 % interval", True),
    ("word", False),
    ("file", False),
    ("size", True),
    ("duration", True),
    ("faults", False),
)
_FAULT_BARS = 9
_BAR_UNITS = 460


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """A small picture of one moment."""

    caption: str
    jpeg: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything that a page shows."""

    title: str
    model: str
    results: Sequence[Score | Failure]
    details: Sequence[str] = ()
    """Paths that get an entry of their own, in the order of the page."""
    shots: Mapping[str, Sequence[Shot]] = field(default_factory=dict)
    """By path."""
    families: Sequence[Family] = ()


def render_report(report: Report) -> str:
    """Write a report as HTML.

    The page's content security policy allows its own style and script by their hashes, pictures
    inside the page, and nothing else.

    Raises:
        MissingExtra: jinja2 is not installed.
    """
    try:
        import jinja2
        from markupsafe import Markup
    except ImportError as error:
        raise MissingExtra("jinja2", "report") from error
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_PAGE), autoescape=True, undefined=jinja2.StrictUndefined
    )
    # `</` inside either would end its element; ours have none.
    style, script = ((_PAGE / name).read_text("utf-8") for name in ("report.css", "report.js"))
    html = environment.get_template("report.html").render(
        _context(report),
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
    )
    return html + "\n"


def _context(report: Report) -> dict[str, Any]:
    scores = sorted(
        (result for result in report.results if isinstance(result, Score)),
        key=lambda score: (score.score, score.path),
    )
    anchors = {path: f"file-{number}" for number, path in enumerate(report.details, start=1)}
    items = {score.path: _item(score, anchors, report.shots) for score in scores}
    failures = [result for result in report.results if isinstance(result, Failure)]
    return {
        "title": report.title,
        "model": report.model,
        "version": metadata.version("beholder"),
        "tiles": _tiles([score.score for score in scores], failures),
        "bars": histogram([score.score for score in scores]),
        "fault_bars": _fault_bars(scores),
        "columns": _COLUMNS,
        "items": list(items.values()),
        "details": [items[path] for path in report.details if path in items],
        "errors": [
            {"name": show_text(each.path), "message": show_text(each.message), "code": each.error}
            for each in failures
        ],
        "families": [_family(family) for family in report.families],
    }


def _tiles(scores: Sequence[float], failures: Sequence[Failure]) -> list[tuple[str, str]]:
    tiles = [("files scored", str(len(scores)))]
    if scores:
        tiles += [
            ("mean", f"{fmean(scores):.1f}"),
            ("median", f"{median(scores):.1f}"),
            ("lowest", f"{min(scores):.1f}"),
            ("highest", f"{max(scores):.1f}"),
        ]
    return [*tiles, ("not scored", str(len(failures)))]


def _item(
    score: Score, anchors: Mapping[str, str], shots: Mapping[str, Sequence[Shot]]
) -> dict[str, Any]:
    duration = score.duration_seconds
    return {
        "score": score,
        "name": show_text(score.path),
        "anchor": anchors.get(score.path, ""),
        "duration": "" if duration is None else show_time(duration),
        "named": [_fault(fault) for fault in score.faults or () if fault.named],
        "chart": timeline_chart(score) if len(score.timeline) > 1 else None,
        "shots": [_shot(shot) for shot in shots.get(score.path, ())],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    times = [f"{show_time(s.start_seconds)} to {show_time(s.end_seconds)}" for s in fault.spans]
    return {
        "name": fault.name,
        "value": fault.value,
        "unit": fault.unit,
        "share": fault.share,
        "spans": fault.spans,
        "times": times,
    }


def _shot(shot: Shot) -> dict[str, Any]:
    address = "data:image/jpeg;base64," + base64.b64encode(shot.jpeg).decode("ascii")
    return {
        "caption": shot.caption,
        "address": address,
        "width_px": shot.width_px,
        "height_px": shot.height_px,
    }


def _fault_bars(scores: Sequence[Score]) -> list[dict[str, Any]]:
    counts = Counter(
        fault.name for score in scores for fault in score.faults or () if fault.named
    ).most_common(_FAULT_BARS)
    return [
        {
            "name": name,
            "count": count,
            "y": 4 + 19 * row,
            "width": _BAR_UNITS * count / counts[0][1],
        }
        for row, (name, count) in enumerate(counts)
    ]


def _family(family: Family) -> dict[str, Any]:
    curves: dict[str, list[tuple[float, float, str]]] = {}
    rungs = []
    for member in family.members:
        score = member.score
        tip = f"{show_text(score.path)}: {member.kbps:.0f} kbit/s, {score.score:.2f}"
        curves.setdefault(member.codec, []).append((member.kbps, score.score, tip))
        is_knee = score.path in family.knees
        rungs.append(
            {
                "codec": member.codec,
                "kbps": member.kbps,
                "score": score.score,
                "is_knee": is_knee,
                "tip": tip,
            }
        )
    return {
        "name": show_text(family.name),
        "chart": rate_chart(curves),
        "rungs": rungs,
        "knees": [rung["tip"] for rung in rungs if rung["is_knee"]],
    }


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
