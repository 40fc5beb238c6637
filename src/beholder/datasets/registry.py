"""The table of all data sets that Beholder can read, and the door to their rows."""

from __future__ import annotations

import difflib
import logging
from pathlib import Path

from beholder.datasets import biq2021
from beholder.datasets.card import DatasetEntry
from beholder.datasets.rows import Row, check_present, check_unique, missing_names, name_some
from beholder.errors import UnknownName

_log = logging.getLogger(__name__)

DATASETS: dict[str, DatasetEntry] = {
    "biq2021": DatasetEntry(card=biq2021.CARD, read_labels=biq2021.read_labels),
}


def find_dataset(name: str) -> DatasetEntry:
    """Look up a data set.

    Raises:
        UnknownName: No data set has that name; the nearest real names are in the text.
    """
    if name not in DATASETS:
        near = difflib.get_close_matches(name.lower(), DATASETS, n=3, cutoff=0.4)
        raise UnknownName(
            f"no data set {name!r}; did you mean {', '.join(near or DATASETS)}? "
            "Any other set can be given as a CSV file (see: beholder datasets show csv)"
        )
    return DATASETS[name]


def read_dataset(name: str, root: str | Path, *, skip_missing: bool = False) -> list[Row]:
    """Read the rows of a data set.

    Args:
        name: A key of `DATASETS`.
        root: The folder as the data set's makers distribute it (`layout` in its card).
        skip_missing: Leave out items whose files are not there, with a warning in the log.

    Returns:
        One row per rated item, in the order of the label files.

    Raises:
        UnknownName: No data set has that name.
        DataError: A label file cannot be read, an item is listed twice, a file is missing, or all
            are.
        MissingExtra: The labels are in a spreadsheet, and no package that reads it is installed.
    """
    entry, root = find_dataset(name), Path(root)
    rows = entry.read_labels(root)
    check_unique(rows)
    present = [row for row in rows if row.path.is_file()]
    if not (skip_missing and present):
        check_present(
            rows, root, advice=f"see them all with: beholder datasets check {name} --data {root}"
        )
    elif len(present) < len(rows):
        missing = name_some(missing_names(rows, root))
        _log.warning("%s: %d of %d items; missing: %s", name, len(present), len(rows), missing)
    return present
