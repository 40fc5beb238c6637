"""Rated pictures of one data set or of several, each in its parts.

Axis letters: N items, H height, W width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from beholder.datasets.registry import read_dataset
from beholder.datasets.rows import Row
from beholder.datasets.splits import group_holdout
from beholder.errors import DataError
from beholder.training.picture_store import open_pictures
from beholder.training.quality_recipe import QualityData

MIN_ITEMS = 20
"""Fewer cannot be divided into parts that mean anything."""


class Pixels(Protocol):
    """Pictures by number: an array [N, H, W, 3], or a store of pictures of many sizes."""

    def __getitem__(self, item: int, /) -> np.ndarray:
        """Return uint8 [H, W, 3], RGB."""

    def __len__(self) -> int:
        """Return N."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RatedSet:
    """Pictures with opinions; the parts are places in them."""

    name: str
    pixels: Pixels
    mos: np.ndarray
    """float64 [N], 0..1, higher is better: so the scales of several sets agree."""
    train: np.ndarray
    held: np.ndarray
    """Chooses the weights and calibrates."""
    test: np.ndarray
    """Opened only to report."""


def open_sets(
    settings: QualityData, *, data: Path, cache: Path, short_px: int, progress: Callable[..., None]
) -> list[RatedSet]:
    """Read every set of a recipe, decoded once into a cache.

    Args:
        settings: Names and folders, and how the parts are drawn.
        data: Folder that those folders lie in.
        cache: Folder for decoded pictures; made if missing.
        short_px: Pictures are shrunk until their shorter side is this.
        progress: Called with the number of pictures done and their total, set by set.

    Raises:
        UnknownName: No data set has that name.
        DataError: A set is not laid out as its makers do, or too small.
    """
    sets = []
    for name, (dataset, folder) in zip(settings.names(), settings.pairs(), strict=True):
        rows = read_dataset(dataset, data / folder, skip_missing=settings.missing == "skip")
        train, held, test = divide(rows, settings)
        path = cache / f"{dataset}_{folder.replace('/', '_')}"
        pixels = open_pictures([r.path for r in rows], path, short_px=short_px, progress=progress)
        mos = np.array([row.mos for row in rows])
        sets.append(RatedSet(name=name, pixels=pixels, mos=mos, train=train, held=held, test=test))
    return sets


def divide(rows: Sequence[Row], settings: QualityData) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the places of the parts to train, to choose on, and to test.

    The official split is kept where there is one; elsewhere whole contents are drawn, others in
    every repeat. An official validation part is what is chosen on.

    Raises:
        DataError: Too few items.
    """
    if len(rows) < MIN_ITEMS:
        raise DataError(f"expected {MIN_ITEMS} rated pictures or more, found {len(rows)}")
    contents = [row.content_id for row in rows]
    splits = np.array([row.split for row in rows])
    if (splits == "test").any() and (splits == "train").any():
        test, val = splits == "test", splits == "val"
    else:
        test = group_holdout(contents, settings.test_fraction, seed=settings.repeat)
        val = np.zeros(len(rows), dtype=bool)
    rest = np.flatnonzero(~test & ~val)
    if val.any():
        return rest, np.flatnonzero(val), np.flatnonzero(test)
    seed = 1000 + settings.repeat
    held = group_holdout([contents[i] for i in rest], settings.holdout_fraction, seed=seed)
    return rest[~held], rest[held], np.flatnonzero(test)
