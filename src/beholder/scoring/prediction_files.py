"""Anyone's predictions as CSV files: `path,predicted`, alone or with the opinions beside them."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from beholder.datasets.rows import name_some
from beholder.datasets.tables import read_table
from beholder.errors import DataError

_OPTIONAL = ("content_id", "mos_std", "num_votes", "subset", "codec", "distortion")


@dataclass(frozen=True, kw_only=True, slots=True)
class RatedItem:
    """What people say of one item, and what it belongs to."""

    path: str
    """As the file names it, or below the root of the data set; forward slashes."""
    mos: float
    """In any one unit, higher is better."""
    content_id: str
    mos_std: float | None = None
    """In the unit of `mos`."""
    num_votes: float | None = None
    subset: str = ""
    codec: str = ""
    distortion: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionFile:
    """What one file holds."""

    name: str
    """The file's name without its suffix: the name of the model."""
    predicted: Mapping[str, float]
    """From path to prediction, any scale, higher is better."""
    items: tuple[RatedItem, ...]
    """Empty where the file holds no opinions."""


def read_predictions(path: Path, *, with_mos: bool) -> PredictionFile:
    """Read a file of predictions.

    Args:
        path: CSV, UTF-8, one line per item.
        with_mos: True expects the columns `path,mos,predicted` and takes `mos_std`, `num_votes`,
            `content_id`, `subset`, `codec` and `distortion` where they are there; False expects
            `path,predicted`.

    Returns:
        The predictions by path.

    Raises:
        DataError: The table cannot be read, a number is none or not finite, or a path stands in
            it twice.
    """
    needed = ["path", "mos", "predicted"] if with_mos else ["path", "predicted"]
    lines = read_table(path, needed, optional=_OPTIONAL)
    predicted: dict[str, float] = {}
    twice = []
    for line in lines:
        name = _slashes(line["path"])
        if name in predicted:
            twice.append(name)
        predicted[name] = _number(line, "predicted", path)
    if twice:
        raise DataError(
            f"expected every path once in {path}, found again {name_some(twice)}; keep one line"
        )
    items = tuple(_item(line, path) for line in lines) if with_mos else ()
    return PredictionFile(name=path.stem, predicted=predicted, items=items)


def write_predictions(items: Sequence[RatedItem], predicted: Sequence[float]) -> str:
    """Write the predictions of a model as CSV text that `read_predictions` takes back.

    Args:
        items: What was rated; `mos` in the unit of the predictions.
        predicted: One prediction for each item.
    """
    columns = [field.name for field in fields(RatedItem)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, "predicted"])
    for item, value in zip(items, predicted, strict=True):
        writer.writerow([*astuple(item), value])
    return text.getvalue()


def _item(line: Mapping[str, str], path: Path) -> RatedItem:
    name = _slashes(line["path"])
    return RatedItem(
        path=name,
        mos=_number(line, "mos", path),
        content_id=line.get("content_id") or name,
        mos_std=_number_or_none(line, "mos_std", path),
        num_votes=_number_or_none(line, "num_votes", path),
        subset=line.get("subset", ""),
        codec=line.get("codec", ""),
        distortion=line.get("distortion", ""),
    )


def _number_or_none(line: Mapping[str, str], column: str, path: Path) -> float | None:
    return _number(line, column, path) if line.get(column) else None


def _number(line: Mapping[str, str], column: str, path: Path) -> float:
    text = line[column]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise DataError(
            f"expected a finite number as {column} of {line['path']!r} in {path}, "
            f"found {text!r}; correct that line, or leave the item out"
        )
    return value


def _slashes(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./")
