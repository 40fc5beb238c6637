"""`beholder datasets`: what data sets there are, one card whole, and whether a copy is whole."""

from __future__ import annotations

import dataclasses
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beholder.app.sink import write_text
from beholder.reports.table import show_text, to_table

if TYPE_CHECKING:
    from beholder.datasets.card import DatasetCard
    from beholder.datasets.check import DatasetReport

SHOWN_MISSING = 20
BAR_WIDTH = 40


class Format(StrEnum):
    """How answers are written."""

    table = "table"
    json = "json"


OutputFormat = Annotated[Format, typer.Option("--format", help="How the answer is written.")]
MosRange = Annotated[
    tuple[float, float] | None,
    typer.Option(
        "--mos-range",
        metavar="WORST BEST",
        help="For csv: opinions of the worst and the best quality, e.g. 1 5 or 100 0.",
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A name from `beholder datasets`.")]


def list_datasets(context: typer.Context, output_format: OutputFormat = Format.table) -> None:
    """List the data sets that Beholder reads, each in the layout of its makers.

    \b
    Examples:
      beholder datasets
      beholder datasets show koniq10k
      beholder datasets check koniq10k --data /data/koniq10k
      beholder datasets split koniq10k --data /data/koniq10k --out splits.json
    """
    if context.invoked_subcommand is not None:
        return
    from beholder.datasets.registry import DATASETS

    cards = [entry.card for entry in DATASETS.values()]
    if output_format is Format.json:
        _write_json({"datasets": [dataclasses.asdict(card) for card in cards]})
        return
    header = ("items", "name", "kind", "opinions", "split", "licence")
    rows = [_overview(card) for card in cards]
    _write(to_table(header, rows, left=1) + "\nThe whole card: beholder datasets show NAME\n")


def show_dataset(name: Name, output_format: OutputFormat = Format.table) -> None:
    """Show the whole card of one data set.

    What it holds, its licence, where to get it, how to lay it out, and the fixed splits of it.
    """
    from beholder.datasets.presets import PRESETS
    from beholder.datasets.registry import find_dataset

    card = find_dataset(name).card
    presets = {key: p.source for key, p in PRESETS.items() if p.dataset == name}
    fields = {**dataclasses.asdict(card), "presets": presets}
    if output_format is Format.json:
        _write_json({"dataset": fields})
        return
    fields["mos_range"] = _range(card)
    fields["presets"] = "; ".join(f"{key} ({source})" for key, source in presets.items())
    _write("".join(_line(key, value) for key, value in fields.items() if value not in (None, "")))


def check_dataset(
    name: Name,
    data: Annotated[Path, typer.Option("--data", help="Folder of the data set; a file for csv.")],
    output_format: OutputFormat = Format.table,
    mos_range: MosRange = None,
) -> None:
    """Say whether a copy of a data set is whole.

    Counts which labelled items are there and shows how the opinions are spread; no file is
    opened. Exit code 1 when files are missing or listed twice.

    \b
    Examples:
      beholder datasets check biq2021 --data /data/BIQ2021
      beholder datasets check csv --data my.csv --mos-range 1 5
    """
    from beholder.datasets.check import check

    report = check(name, data, mos_range=mos_range)
    if output_format is Format.json:
        _write_json({"report": {**dataclasses.asdict(report), "is_whole": report.is_whole}})
    else:
        _write(_report(report))
    if not report.is_whole:
        raise typer.Exit(1)


def _overview(card: DatasetCard) -> tuple[str, ...]:
    items = "" if card.num_items is None else f"{card.num_items:,}"
    return (items, card.name, card.kind, _range(card), card.split, card.licence)


def _range(card: DatasetCard) -> str:
    worst, best = card.mos_range
    return f"{worst:g} (worst) to {best:g}"


def _report(report: DatasetReport) -> str:
    published = "" if report.num_published is None else f" ({report.num_published:,} published)"
    facts = {
        "labelled": f"{report.num_labelled:,}{published}",
        "found": f"{report.num_found:,}",
        "missing": f"{len(report.missing):,}",
        "listed twice": f"{len(report.repeated):,}",
        "contents": f"{report.num_contents:,}",
        "with spread": f"{report.num_with_spread:,}",
        "parts": _pairs(report.splits),
        "subsets": _pairs(report.subsets),
    }
    lines = [_line(key, value) for key, value in facts.items() if value]
    for title, names in (("Missing", report.missing), ("Listed twice", report.repeated)):
        lines += _names(title, names)
    return "".join(lines) + "\nOpinions, 0 worst, 1 best:\n" + _bars(report.histogram)


def _pairs(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _names(title: str, names: tuple[str, ...]) -> list[str]:
    if not names:
        return []
    shown = [f"  {show_text(name)}\n" for name in names[:SHOWN_MISSING]]
    rest = len(names) - SHOWN_MISSING
    more = [f"  and {rest:,} more (all of them: --format json)\n"] if rest > 0 else []
    return [f"{title}:\n", *shown, *more]


def _bars(histogram: tuple[int, ...]) -> str:
    most = max(*histogram, 1)
    step = 1 / len(histogram)
    return "".join(
        f"  {i * step:.1f}-{(i + 1) * step:.1f} {count:>7,} "
        f"{'#' * round(BAR_WIDTH * count / most)}".rstrip()
        + "\n"
        for i, count in enumerate(histogram)
    )


def _line(key: str, value: object) -> str:
    return show_text(f"{key}: {value}") + "\n"


def _write_json(fields: dict[str, Any]) -> None:
    _write(json.dumps({"schema": 1, **fields}, indent=2, ensure_ascii=False) + "\n")


def _write(text: str) -> None:
    write_text(sys.stdout.buffer, text)
