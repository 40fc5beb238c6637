"""Is a copy of a data set whole? Counted, not guessed, and never stopped by the first gap."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from beholder.datasets.registry import find_dataset, read_labels
from beholder.datasets.rows import Row, missing_names, name_below, repeated

NUM_BINS = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetReport:
    """What lies in a folder, compared with what the labels name."""

    name: str
    num_published: int | None
    """Rated items as published; None where it depends on the folder."""
    num_labelled: int
    num_found: int
    """Labelled items whose files are there."""
    num_contents: int
    missing: tuple[str, ...]
    """Files that the labels name and that are not there, below the root."""
    repeated: tuple[str, ...]
    """Files that more than one label names."""
    splits: dict[str, int]
    """Items of each official part; empty where the labels tell none."""
    subsets: dict[str, int]
    histogram: tuple[int, ...]
    """Labelled items in ten equal steps of opinion on the 0..1 scale, worst first."""
    num_with_spread: int
    """Items whose spread of opinions is known."""

    @property
    def is_whole(self) -> bool:
        """Whether every label has a file of its own."""
        return not (self.missing or self.repeated)


def check(
    name: str, root: str | Path, *, mos_range: tuple[float, float] | None = None
) -> DatasetReport:
    """Compare the labels of a data set with the files in its folder; no file is opened.

    Args:
        name: A key of `registry.DATASETS`.
        root: The folder as the data set's makers distribute it.
        mos_range: For `csv` alone: opinions of the worst and the best quality.

    Raises:
        UnknownName: No data set has that name.
        UsageError: A range was given for a data set that has its own.
        DataError: A label file is missing or cannot be read.
        MissingExtra: The labels are in a spreadsheet, and the package that reads it is missing.
    """
    rows = read_labels(name, root, mos_range=mos_range)
    missing = missing_names(rows, Path(root))
    return DatasetReport(
        name=name,
        num_published=find_dataset(name).card.num_items,
        num_labelled=len(rows),
        num_found=len(rows) - len(missing),
        num_contents=len({row.content_id for row in rows}),
        missing=tuple(missing),
        repeated=tuple(name_below(path, Path(root)) for path in repeated(rows)),
        splits=_counts([row.split for row in rows]),
        subsets=_counts([row.subset for row in rows]),
        histogram=_histogram(rows),
        num_with_spread=sum(row.mos_std is not None for row in rows),
    )


def _counts(names: Sequence[str]) -> dict[str, int]:
    return {name: count for name, count in Counter(names).items() if name}


def _histogram(rows: Sequence[Row]) -> tuple[int, ...]:
    # The best opinion, 1.0, belongs to the last step.
    steps = Counter(min(int(row.mos * NUM_BINS), NUM_BINS - 1) for row in rows)
    return tuple(steps[step] for step in range(NUM_BINS))
