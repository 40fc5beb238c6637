"""The noun of this room: one rated item of a data set."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from beholder.errors import DataError

Split = Literal["train", "test", ""]
"""The part that the data set's makers put an item in; empty where they drew no split."""

SHOWN = 3
"""How many names an error text lists before it only counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One image or video and what people think of it."""

    path: Path
    mos: float
    """Mean opinion in 0..1, higher is better, whatever scale the data set came with."""
    content_id: str
    """Scene or near-duplicate group; items that share it stay on one side of every split."""
    subset: str = ""
    """A part of the set that is worth its own figure; empty where there is none."""
    split: Split = ""

    def __post_init__(self) -> None:
        """Refuse an opinion outside 0..1."""
        if not (math.isfinite(self.mos) and 0 <= self.mos <= 1):
            raise DataError(
                f"expected a mean opinion in 0..1 for {self.path.name!r}, found {self.mos}; "
                "give the data set's own range to the reader"
            )


def with_groups(rows: Sequence[Row], groups: Mapping[str, str]) -> list[Row]:
    """Replace the content of each row by its group.

    Args:
        rows: Rows of one data set.
        groups: File name (without folders) to group, e.g. from `groups.read_groups`.

    Returns:
        The rows in the same order, `content_id` being the group.

    Raises:
        DataError: A row's file has no group.
    """
    missing = [row.path.name for row in rows if row.path.name not in groups]
    if missing:
        raise DataError(f"expected a group for every file, found none for {name_some(missing)}")
    return [dataclasses.replace(row, content_id=groups[row.path.name]) for row in rows]


def check_unique(rows: Sequence[Row]) -> None:
    """Refuse rows that name one file twice.

    Raises:
        DataError: A path stands in two rows.
    """
    counts = Counter(row.path for row in rows)
    twice = [path.name for path, count in counts.items() if count > 1]
    if twice:
        raise DataError(
            f"expected every file once, found more than one line for {name_some(twice)}; "
            "keep one of them"
        )


def name_some(names: Sequence[str]) -> str:
    """Say the first names and how many there are: `'a', 'b', 'c' and 4 more`."""
    shown = ", ".join(repr(name) for name in names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
