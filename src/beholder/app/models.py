"""`beholder models`."""

from __future__ import annotations

import dataclasses
import json
import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from beholder.app.sink import write_text
from beholder.cards import ASSETS, ModelCard, Result
from beholder.reports.table import show_text, to_table


class Format(StrEnum):
    """How cards are written."""

    table = "table"
    json = "json"


def models(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A model's name or an exported file.")
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How cards are written.")
    ] = Format.table,
) -> None:
    """List the models, or show the whole card of one.

    \b
    Examples:
      beholder models
      beholder models embedded
      beholder models my-model.onnx --format json
    """
    names = list(ASSETS) if name is None else [name]
    entries = [_read_entry(each) for each in names]
    if output_format is Format.json:
        text = json.dumps({"schema": 1, "models": entries}, indent=2) + "\n"
    elif name is None:
        text = _overview(entries)
    else:
        text = _whole(entries[0])
    write_text(sys.stdout.buffer, text)


def _read_entry(name: str) -> dict[str, Any]:
    from beholder.scoring import read_card
    from beholder.scoring.weights import find_model

    where = "inside the package" if name in ASSETS else name
    size_bytes = find_model(name).stat().st_size
    card = dataclasses.asdict(read_card(name))
    return {"name": name, "card": card, "size_bytes": size_bytes, "where": where}


def _overview(entries: list[dict[str, Any]]) -> str:
    header = ("size", "name", "task", "licence", "accuracy", "where")
    rows = [
        (
            _size(entry),
            entry["name"],
            entry["card"]["task"],
            entry["card"]["licence"],
            _accuracy(entry["card"]["results"][0]) if entry["card"]["results"] else "not measured",
            entry["where"],
        )
        for entry in entries
    ]
    return to_table(header, rows, left=1) + "\nThe whole card: beholder models NAME\n"


def _whole(entry: dict[str, Any]) -> str:
    lines = [f"where: {entry['where']}", f"size: {_size(entry)}"]
    for field in dataclasses.fields(ModelCard):
        value = entry["card"][field.name]
        if field.name == "results":
            lines += ["results:", *(f"  {_accuracy(result)}" for result in value)]
        elif isinstance(value, dict):
            lines += [f"{field.name}:", *(f"  {key}: {item}" for key, item in value.items())]
        elif isinstance(value, tuple):
            lines += [f"{field.name}:", *(f"  {item}" for item in value)]
        else:
            lines.append(f"{field.name}: {value}")
    return "".join(show_text(line) + "\n" for line in lines)


def _accuracy(fields: dict[str, Any]) -> str:
    result = Result(**fields)
    bounds = (
        "" if result.interval is None else f" [{result.interval[0]:.3f}, {result.interval[1]:.3f}]"
    )
    return f"{result.figure} {result.value:.3f}{bounds}, n = {result.num_items}, {result.data}"


def _size(entry: dict[str, Any]) -> str:
    return f"{entry['size_bytes'] / 1e6:.1f} MB"
