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

Split = Literal["train", "val", "test", "test_1080p", ""]
"""The part that the data set's makers put an item in; empty where they drew no split.

`test_1080p` is the second official test part of LSVQ.
"""

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
    mos_std: float | None = None
    """Standard deviation of the single opinions on the 0..1 scale; None where it is not known."""
    distortion: str = ""
    """Kind of fault that was added, in the data set's own word; empty where nobody added one."""
    level: float | None = None
    """Strength of that fault, in the data set's own counting."""
    codec: str = ""
    bitrate_kbps: float | None = None
    width_px: int | None = None
    """Size of the picture as the label files give it; None where they do not."""
    height_px: int | None = None

    def __post_init__(self) -> None:
        """Refuse an opinion outside 0..1, or a spread that cannot be one."""
        if not (math.isfinite(self.mos) and 0 <= self.mos <= 1):
            raise DataError(
                f"expected a mean opinion in 0..1 for {self.path.name!r}, found {self.mos}; "
                "give the data set's own range to the reader"
            )
        if self.mos_std is not None and not (math.isfinite(self.mos_std) and self.mos_std >= 0):
            raise DataError(
                f"expected a spread of opinions of 0 or more for {self.path.name!r}, "
                f"found {self.mos_std}; leave it out where it is not known"
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


def repeated(rows: Sequence[Row]) -> list[Path]:
    """Find the paths that stand in more than one row, each once."""
    counts = Counter(row.path for row in rows)
    return [path for path, count in counts.items() if count > 1]


def check_unique(rows: Sequence[Row]) -> None:
    """Refuse rows that name one file twice.

    Raises:
        DataError: A path stands in two rows.
    """
    twice = [path.name for path in repeated(rows)]
    if twice:
        raise DataError(
            f"expected every file once, found more than one line for {name_some(twice)}; "
            "keep one of them"
        )


def missing_names(rows: Sequence[Row], root: Path) -> list[str]:
    """Name the files that are not there, as `name_below` does."""
    return [name_below(row.path, root) for row in rows if not row.path.is_file()]


def name_below(path: Path, root: Path) -> str:
    """Name a file from its data set's folder (or manifest) on, or whole if it lies elsewhere."""
    folder = root.parent if root.is_file() else root
    return str(path.relative_to(folder) if path.is_relative_to(folder) else path)


def check_present(rows: Sequence[Row], root: Path, *, advice: str) -> None:
    """Refuse rows whose files are not there.

    Args:
        rows: Rows of one data set.
        root: Its folder or manifest.
        advice: What to do next, for the error text.

    Raises:
        DataError: A file is missing; the text names some and counts them all.
    """
    missing = missing_names(rows, root)
    if missing:
        raise DataError(
            f"expected a file for each of {len(rows)} labelled items in {root}, found "
            f"{len(rows) - len(missing)}, none for {name_some(missing)}; {advice}"
        )


def name_some(names: Sequence[str]) -> str:
    """Say the first names and how many there are: `'a', 'b', 'c' and 4 more`."""
    shown = ", ".join(repr(name) for name in names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"
