"""The arrays that an extraction writes, and what of an earlier one can be kept.

Axis letters: N items, D features.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from beholder.datasets.rows import Row
from beholder.errors import DataError, UsageError
from beholder.pool.store import (
    INDEX,
    StoreFacts,
    open_array,
    read_facts,
    read_index,
    write_facts,
    write_index,
)


def open_arrays(
    folder: Path,
    rows: Sequence[Row],
    hashes: Mapping[str, str],
    *,
    facts: StoreFacts,
    dtype: str,
) -> dict[str, np.ndarray]:
    """Open one array per model for writing; a line of NaN has still to be made.

    Args:
        folder: Of the features; made if missing.
        rows: Items; `path` is relative to the data set.
        hashes: File to SHA-256; files that cannot be read are absent.
        facts: The models, with their fingerprints and widths.
        dtype: `float16` or `float32`.

    Returns:
        Model's name to array [N, D], mapped from disk.

    Raises:
        UsageError: The folder holds features of a model that is not asked for now.
        DataError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = _read_old(folder, facts)
        files = [row.path.as_posix() for row in rows]
        if old.files != files:
            # Stopped half-way through a new order, the old arrays must not pass for the new ones.
            write_facts(folder, dataclasses.replace(facts, fingerprints={}))
        same = _same_content(old, files, hashes)
        arrays = {}
        for entry in facts.entries:
            kept = old.fingerprints.get(entry.name) == facts.fingerprints[entry.name]
            path = folder / f"{entry.name}.npy"
            shape = (len(files), entry.features or 0)
            arrays[entry.name] = _reopen(path, old, same) if kept else _create(path, shape, dtype)
        write_index(folder, rows, hashes)
        write_facts(folder, facts)
    except OSError as error:
        raise DataError(
            f"expected a folder that can be written at {folder}, found: {error}; choose another"
        ) from error
    return arrays


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class _Old:
    """What an earlier extraction left."""

    files: list[str]
    hashes: dict[str, str]
    fingerprints: Mapping[str, str]


def _read_old(folder: Path, facts: StoreFacts) -> _Old:
    found = read_facts(folder)
    if found is None or not (folder / INDEX).is_file():
        return _Old(files=[], hashes={}, fingerprints={})
    extra = [name for name in found.fingerprints if name not in facts.fingerprints]
    if extra:
        raise UsageError(
            f"expected the models of {folder} to be asked for again, {', '.join(extra)} were not; "
            "name them too, or choose another folder"
        )
    rows, hashes = read_index(folder)
    files = [row.path.as_posix() for row in rows]
    return _Old(files=files, hashes=hashes, fingerprints=found.fingerprints)


def _same_content(old: _Old, files: Sequence[str], hashes: Mapping[str, str]) -> np.ndarray:
    """Return for each file its line in the old arrays, -1 where it is new or has changed."""
    lines = {file: line for line, file in enumerate(old.files)}
    return np.array(
        [
            lines[file] if file in hashes and old.hashes.get(file) == hashes[file] else -1
            for file in files
        ]
    )


def _reopen(path: Path, old: _Old, same: np.ndarray) -> np.ndarray:
    array = open_array(path, num_items=len(old.files), mode="r+")
    if len(same) == len(array) and np.array_equal(same[same >= 0], np.flatnonzero(same >= 0)):
        array[same < 0] = np.nan
        return array
    lines = np.array(array)
    moved = _create(path, (len(same), lines.shape[1]), str(lines.dtype))
    moved[same >= 0] = lines[same[same >= 0]]
    return moved


def _create(path: Path, shape: tuple[int, int], dtype: str) -> np.ndarray:
    part = path.with_suffix(".part")
    array = np.lib.format.open_memmap(part, "w+", np.dtype(dtype), shape)
    array[:] = np.nan
    array.flush()
    del array
    part.replace(path)
    return open_array(path, num_items=shape[0], mode="r+")
