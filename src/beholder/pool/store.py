"""Features on disk: made once by `beholder pool extract`, read as often as one likes.

::

    FOLDER/index.csv    one line per item: file,mos,content_id,split,subset,sha256
    FOLDER/NAME.npy     one per model: float16 or float32 [items, D], lines as in the index
    FOLDER/pool.json    models with their preprocessing, data set, versions, files that failed
    FOLDER/groups.csv   optional, file,split,group: contents in place of those of the index

A folder made by hand needs `file,mos` and the arrays only. A line of NaN means: not made yet.

Axis letters: N items, D features.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from beholder.datasets.rows import Row, name_some
from beholder.datasets.tables import read_number, read_table
from beholder.errors import DataError, UnknownName
from beholder.pool.entry import PoolEntry, entry_from_dict

_log = logging.getLogger(__name__)

INDEX, FACTS, GROUPS = "index.csv", "pool.json", "groups.csv"
COLUMNS = ("file", "mos", "content_id", "split", "subset", "sha256")
SCHEMA = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class StoreFacts:
    """What `pool.json` holds."""

    dataset: str
    num_frames: int
    """Frames of a video whose features are averaged."""
    entries: tuple[PoolEntry, ...]
    fingerprints: Mapping[str, str]
    """Model's name to a hash of all that decides its features but the files."""
    identities: Mapping[str, str]
    """Model's name to the hash of its weights."""
    versions: Mapping[str, str]
    complete: bool
    """False while an extraction is at work, or after it was stopped."""
    failed: tuple[str, ...] = ()
    """Files that have no features, because they could not be read."""

    def only(self, names: Sequence[str]) -> StoreFacts:
        """Return the facts of some of the models, in that order, e.g. for a run's `pool.json`.

        Raises:
            UnknownName: One of them is not in this pool.
        """
        entries = {entry.name: entry for entry in self.entries}
        missing = [name for name in names if name not in entries]
        if missing:
            raise UnknownName(
                f"expected models among {', '.join(entries)}, found {', '.join(missing)}"
            )
        return replace(
            self,
            entries=tuple(entries[name] for name in names),
            fingerprints={n: h for n, h in self.fingerprints.items() if n in names},
            identities={n: h for n, h in self.identities.items() if n in names},
        )


class FeatureSet:
    """The features of one data set under several models; arrays are mapped, not loaded.

    Attributes:
        rows: Items that have features under every model; `path` is relative to the data set.
        names: Models, in the order of the pool, else of the alphabet.
        facts: What `pool.json` holds; None for a folder without it.
        entries: Facts about the models by name; empty for a folder without `pool.json`.
    """

    def __init__(
        self, folder: Path, rows: Sequence[Row], keep: np.ndarray, facts: StoreFacts | None
    ) -> None:
        """Describe a folder; `open_features` is the door.

        Args:
            folder: Where the arrays are.
            rows: One per line of the index.
            keep: bool [lines of the index]: which of them have features.
            facts: What `pool.json` holds.
        """
        self._folder, self._keep = folder, keep
        self.rows = tuple(row for row, kept in zip(rows, keep, strict=True) if kept)
        self.facts = facts
        self.entries = {entry.name: entry for entry in facts.entries} if facts else {}
        self.names = tuple(self.entries) or tuple(
            sorted(path.stem for path in folder.glob("*.npy"))
        )

    @property
    def mos(self) -> np.ndarray:
        """Mean opinions, float64 [items], 0..1."""
        return np.array([row.mos for row in self.rows])

    @property
    def content_ids(self) -> tuple[str, ...]:
        """Content of each item; items that share it stay on one side of a split."""
        return tuple(row.content_id for row in self.rows)

    def features(self, name: str) -> np.ndarray:
        """Read the features of one model.

        Returns:
            float32 [items, D].

        Raises:
            UnknownName: The folder has no features of that model.
            DataError: The array is not [items, D], or holds numbers that are not finite.
        """
        if name not in self.names:
            raise UnknownName(
                f"expected one of the models {', '.join(self.names)}, found {name!r}; "
                "extract its features first (see: beholder pool extract --help)"
            )
        stored = open_array(self._folder / f"{name}.npy", num_items=len(self._keep))
        values: np.ndarray = stored[self._keep].astype(np.float32)
        bad = np.flatnonzero(~np.isfinite(values).all(axis=1))
        if bad.size:
            raise DataError(
                f"expected finite features of {name!r}, found {bad.size} items without, first "
                f"{str(self.rows[bad[0]].path)!r}; extract them again"
            )
        return values


def open_features(folder: str | Path) -> FeatureSet:
    """Open a folder of features.

    Args:
        folder: As this module describes; `pool.json` and all columns but `file,mos` may be absent.

    Raises:
        DataError: The folder is not laid out so, or its extraction was not finished.
    """
    folder = Path(folder)
    rows = read_index(folder)[0]
    facts = read_facts(folder)
    keep = np.ones(len(rows), bool)
    if facts is None:
        return FeatureSet(folder, rows, keep, None)
    if not facts.complete:
        raise DataError(
            f"expected finished features in {folder}, found an extraction that was stopped or is "
            "still at work; run the same command again"
        )
    if facts.failed:
        _log.warning("%s: no features of %s", folder, name_some(facts.failed))
        keep = np.array([row.path.as_posix() not in set(facts.failed) for row in rows])
    return FeatureSet(folder, rows, keep, facts)


def open_array(path: Path, *, num_items: int, mode: Any = "r") -> np.ndarray:
    """Map an array of features.

    Args:
        path: A `.npy` file.
        num_items: Lines of the index.
        mode: `r` or `r+`, as `numpy.load` knows them.

    Raises:
        DataError: No such array of numbers with one line per item.
    """
    try:
        stored: np.ndarray = np.load(path, mmap_mode=mode, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(
            f"expected an array of features at {path}, found: {error}; extract them again"
        ) from error
    if stored.ndim != 2 or stored.dtype.kind != "f" or len(stored) != num_items:
        raise DataError(
            f"expected floats [{num_items}, features] in {path}, found {stored.dtype} "
            f"{list(stored.shape)}; extract them again"
        )
    return stored


def read_index(folder: Path) -> tuple[list[Row], dict[str, str]]:
    """Read the items of a folder and the hash of each file that has one.

    Raises:
        DataError: A table cannot be read, or an opinion is no number in 0..1.
    """
    path = folder / INDEX
    lines = read_table(path, COLUMNS[:2], optional=COLUMNS[2:])
    groups: dict[str, dict[str, str]] = {}
    if (folder / GROUPS).is_file():
        table = read_table(folder / GROUPS, ["file", "group"], optional=["split"])
        groups = {line["file"]: line for line in table}
    rows: list[Row] = []
    for line in lines:
        name = line["file"]
        group = groups.get(name) or groups.get(Path(name).name, {})
        split: Any = line.get("split") or group.get("split") or ""
        rows.append(
            Row(
                path=Path(name),
                mos=read_number(line["mos"], name, path),
                content_id=group.get("group") or line.get("content_id") or name,
                split=split,
                subset=line.get("subset", ""),
            )
        )
    return rows, {line["file"]: line["sha256"] for line in lines if line.get("sha256")}


def write_index(folder: Path, rows: Sequence[Row], hashes: Mapping[str, str]) -> None:
    """Write the items of a folder; the old table stays until the new one is whole."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        name = row.path.as_posix()
        hashed = hashes.get(name, "")
        writer.writerow((name, repr(row.mos), row.content_id, row.split, row.subset, hashed))
    _replace(folder / INDEX, text.getvalue())


def read_facts(folder: Path) -> StoreFacts | None:
    """Read `pool.json`; None where there is none.

    Raises:
        DataError: It holds something else.
    """
    path = folder / FACTS
    if not path.is_file():
        return None
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data.pop("schema") != SCHEMA:
            raise DataError(f"expected {path} of schema {SCHEMA}, found another; update Beholder")
        data["entries"] = tuple(entry_from_dict(entry) for entry in data["entries"])
        return StoreFacts(**{**data, "failed": tuple(data["failed"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"expected the facts of a pool in {path}, found {error!r}; extract the features again"
        ) from error


def write_facts(folder: Path, facts: StoreFacts) -> None:
    """Write `pool.json`; the old one stays until the new one is whole."""
    data = {
        "schema": SCHEMA,
        "dataset": facts.dataset,
        "num_frames": facts.num_frames,
        "entries": [entry.to_dict() for entry in facts.entries],
        "fingerprints": dict(facts.fingerprints),
        "identities": dict(facts.identities),
        "versions": dict(facts.versions),
        "complete": facts.complete,
        "failed": list(facts.failed),
    }
    _replace(folder / FACTS, json.dumps(data, indent=1) + "\n")


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
