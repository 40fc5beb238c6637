"""Groups of items that show the same thing: read from a file, or found by their features."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from beholder.datasets.rows import name_some
from beholder.datasets.tables import read_table
from beholder.errors import DataError

CHUNK_ITEMS = 1024
"""Rows of the similarity table held at a time: 50 MB at 12,000 items."""

ROUNDING = 1e-6
"""The cosine of a vector with itself may fall this far short of 1 in float32."""


def read_groups(path: str | Path) -> dict[str, str]:
    """Read a table `file,split,group`, e.g. of near duplicates.

    Args:
        path: CSV file with at least the columns `file` and `group`.

    Returns:
        File name to group.

    Raises:
        DataError: The table cannot be read, or a file stands in it twice.
    """
    path = Path(path)
    lines = read_table(path, ["file", "group"])
    groups: dict[str, str] = {}
    twice = []
    for line in lines:
        if line["file"] in groups:
            twice.append(line["file"])
        groups[line["file"]] = line["group"]
    if twice:
        raise DataError(f"expected every file once in {path}, found again {name_some(twice)}")
    return groups


def near_duplicates(features: npt.ArrayLike, *, threshold: float = 0.9) -> npt.NDArray[np.int64]:
    """Join items whose features point the same way; a chain of likenesses is one group.

    Args:
        features: One vector per item, [items, features], of any float type.
        threshold: Least cosine of two items that are alike, above -1 and at most 1.

    Returns:
        Group of each item, int64 [items], numbered from 0 in order of first appearance.

    Raises:
        DataError: Another shape, a vector that is zero or not finite, or a threshold out of range.
    """
    unit = _unit_vectors(features)
    if not -1 < threshold <= 1:
        raise DataError(
            f"expected a cosine above -1 and at most 1, found {threshold}; 0.9 is usual"
        )
    parents = np.arange(len(unit))
    for start in range(0, len(unit), CHUNK_ITEMS):
        # Later items only: each pair is looked at once.
        alike = unit[start : start + CHUNK_ITEMS] @ unit[start:].T >= threshold - ROUNDING
        for row, column in np.argwhere(np.triu(alike, k=1)):
            _join(parents, start + int(row), start + int(column))
    roots = [_root(parents, item) for item in range(len(unit))]
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(root, len(numbers)) for root in roots], dtype=np.int64)


def _unit_vectors(features: npt.ArrayLike) -> npt.NDArray[np.float32]:
    values = np.array(features, dtype=np.float32)
    if values.ndim != 2 or 0 in values.shape:
        raise DataError(f"expected features of shape [items, features], found {values.shape}")
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    bad = np.flatnonzero(~(np.isfinite(lengths) & (lengths > 0)))
    if bad.size:
        raise DataError(
            f"expected finite features that are not all zero, found {bad.size} bad items, "
            f"first {int(bad[0])}; compute them again"
        )
    values /= lengths
    return values


def _root(parents: npt.NDArray[np.int64], item: int) -> int:
    while parents[item] != item:
        parents[item] = parents[parents[item]]
        item = int(parents[item])
    return item


def _join(parents: npt.NDArray[np.int64], first: int, second: int) -> None:
    first_root, second_root = _root(parents, first), _root(parents, second)
    parents[max(first_root, second_root)] = min(first_root, second_root)
