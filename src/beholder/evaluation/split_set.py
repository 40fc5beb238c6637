"""Splits as data: which items a model learns from and on which it is judged, as a JSON file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError

SCHEMA = 1
SHOWN = 3
"""How many items an error text names before it only counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One way to divide the items: learn from `train`, judge on `test`."""

    name: str
    """Unique within its split set, e.g. `repeat 3`, `official` or `test on KoNViD-1k`."""
    train: tuple[str, ...]
    """Keys of items, sorted."""
    test: tuple[str, ...]
    """Keys of items, sorted; none of them stands in `train`."""

    def __post_init__(self) -> None:
        """Refuse an empty side, an item named twice, or one on both sides."""
        counts = Counter((*self.train, *self.test))
        twice = [key for key, count in counts.items() if count > 1]
        if not self.train or not self.test or twice:
            raise DataError(
                f"expected items on both sides of {self.name!r}, each once, found "
                f"{len(self.train)} train and {len(self.test)} test with {len(twice)} named twice "
                f"{twice[:SHOWN]}; repair the split"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class SplitSet:
    """All parts of one protocol on one set of items."""

    name: str
    """What was split and how."""
    seed: int | None
    """Of the draw; None where nothing was drawn."""
    fraction: float | None
    """Share of the items that was asked for as test; None where nothing was drawn."""
    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        """Refuse parts that could not be told apart."""
        names = [part.name for part in self.parts]
        if not names or len(set(names)) < len(names):
            raise DataError(
                f"expected parts of different names in {self.name!r}, found {names}; rename them"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class PartDifference:
    """How one part of two split sets differs; the item keys are sorted."""

    name: str
    only_first: tuple[str, ...]
    """Test items of the first set that are not test items of the second."""
    only_second: tuple[str, ...]
    train_only_first: tuple[str, ...]
    train_only_second: tuple[str, ...]


def locate(part: Part, keys: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Find the items of a part among rows.

    Args:
        part: Of a split set.
        keys: Key of each row, [items], each once; rows that the part leaves out are allowed.

    Returns:
        Row numbers of the train and of the test items, int64, each rising.

    Raises:
        DataError: A key stands twice, or an item of the part has no row.
    """
    position = {key: index for index, key in enumerate(keys)}
    if len(position) < len(keys):
        raise DataError(
            f"expected every key once, found {len(keys)} rows with {len(position)} different keys; "
            "give each row a key of its own"
        )
    missing = [key for key in (*part.train, *part.test) if key not in position]
    if missing:
        raise DataError(
            f"expected a row for every item of {part.name!r}, found none for {len(missing)}, "
            f"e.g. {missing[:SHOWN]}; complete the data or draw the split again"
        )
    train, test = (
        np.array(sorted(position[key] for key in side), dtype=np.int64)
        for side in (part.train, part.test)
    )
    return train, test


def compare_splits(first: SplitSet, second: SplitSet) -> list[PartDifference]:
    """Tell which items two split sets put on different sides.

    Args:
        first: One set.
        second: Another; parts belong together by name.

    Returns:
        One entry for each part that differs, in order of the first set and then of the second; a
        part that the other set lacks differs in all its items. Empty where both are the same.
    """
    ours = {part.name: part for part in first.parts}
    theirs = {part.name: part for part in second.parts}
    found = []
    for name in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(name), theirs.get(name)
        test = set(one.test if one else ()), set(other.test if other else ())
        train = set(one.train if one else ()), set(other.train if other else ())
        if test[0] != test[1] or train[0] != train[1]:
            found.append(
                PartDifference(
                    name=name,
                    only_first=tuple(sorted(test[0] - test[1])),
                    only_second=tuple(sorted(test[1] - test[0])),
                    train_only_first=tuple(sorted(train[0] - train[1])),
                    train_only_second=tuple(sorted(train[1] - train[0])),
                )
            )
    return found


def write_splits(path: Path, splits: SplitSet) -> None:
    """Write a split set as JSON, the same bytes for the same set.

    Args:
        path: The file; it is replaced.
        splits: What to write.
    """
    document = {
        "schema": SCHEMA,
        "name": splits.name,
        "seed": splits.seed,
        "fraction": splits.fraction,
        "parts": [
            {"name": part.name, "train": list(part.train), "test": list(part.test)}
            for part in splits.parts
        ],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def read_splits(path: Path) -> SplitSet:
    """Read what `write_splits` wrote.

    Args:
        path: A JSON file.

    Returns:
        An equal split set.

    Raises:
        DataError: The file is not there, is no such JSON, or holds parts that cannot be.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _from_json(document)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"expected a split file of schema {SCHEMA} at {path}, found something else "
            f"({type(error).__name__}: {error}); write it again"
        ) from error


def _from_json(document: dict[str, Any]) -> SplitSet:
    if document["schema"] != SCHEMA:
        raise ValueError(f"schema {document['schema']}")
    return SplitSet(
        name=str(document["name"]),
        seed=None if document["seed"] is None else int(document["seed"]),
        fraction=None if document["fraction"] is None else float(document["fraction"]),
        parts=tuple(
            Part(
                name=str(part["name"]),
                train=tuple(map(str, part["train"])),
                test=tuple(map(str, part["test"])),
            )
            for part in document["parts"]
        ),
    )
