"""The clips of a run of InternVQA in their parts, decoded once.

Axis letters: N clips, K windows of a frame, T frames, S side of a view, D features.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset

from beholder.datasets.presets import apply_preset
from beholder.datasets.registry import read_dataset
from beholder.datasets.rows import Row, Split
from beholder.datasets.splits import group_holdout
from beholder.errors import DataError, UsageError
from beholder.training.c2f_clips import Clips, open_clips
from beholder.training.distil_recipe import DistilData
from beholder.training.processes import make_once
from beholder.training.quality_recipe import named_folders
from beholder.training.task import Batch
from beholder.training.tell import Tell

MIN_HELD = 29
"""Fewer clips give no interval with the coverage and confidence of `training.calibrate`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Clips with opinions; the parts are places in them."""

    rows: tuple[Row, ...]
    clips: Clips
    train: np.ndarray
    held: np.ndarray
    """Chooses the weights and calibrates."""
    test: np.ndarray
    """Opened only to report."""

    @property
    def mos(self) -> np.ndarray:
        """float64 [N], 0..1; for ladders VMAF over 100."""
        return np.array([row.mos for row in self.rows])


def gather(settings: DistilData, *, data: Path, cache: Path, tell: Tell) -> Material:
    """Read the clips of a recipe, decoded once into a cache.

    Args:
        settings: Sets, split and view.
        data: Folder that the sets lie in.
        cache: Folder for decoded clips; made if missing.
        tell: Told how far the decoding is.

    Raises:
        UnknownName: No data set or split has that name.
        DataError: A set is not laid out as its makers do, or too small.
        MediaError: A clip cannot be decoded.
    """
    rows = read_rows(settings, data)
    parts = np.array([row.split for row in rows])
    train, held, test = (np.flatnonzero(parts == part) for part in ("train", "val", "test"))
    if len(held) < MIN_HELD or min(len(train), len(test)) < 3:
        raise DataError(
            f"expected at least 3 clips to train on, {MIN_HELD} to choose and calibrate on and 3 "
            f"to test, found {len(train)}, {len(held)} and {len(test)}; change "
            "data.holdout_fraction or add clips"
        )
    paths = [row.path for row in rows]
    store = cache / f"clips_{_identity(paths, settings)}.npy"
    telling = functools.partial(tell, "decoding clips")
    opened = functools.partial(open_clips, paths, store, view=settings.view, progress=telling)
    make_once(store, opened)
    return Material(rows=tuple(rows), clips=opened(), train=train, held=held, test=test)


def read_rows(settings: DistilData, data: Path) -> list[Row]:
    """Read all rows, each in its part `train`, `val` or `test`.

    Contents of several sets are kept apart by the set's folder. A fixed split or an official one is
    kept; elsewhere whole contents are drawn, others in every repeat. Other official parts than
    these three are left out.
    """
    named = named_folders(settings.sets)
    if settings.split and len(named) > 1:
        raise UsageError(
            f"expected one set in data.sets with data.split={settings.split}, found {len(named)}"
        )
    rows: list[Row] = []
    for name, folder in named:
        found = _read(name, folder, settings, data)
        found = apply_preset(found, settings.split) if settings.split else found
        rows += _divided(found, settings)
    whole: list[tuple[str, Split]] = [(settings.choose_sets, "val"), (settings.test_sets, "test")]
    for sets, part in whole:
        for name, folder in named_folders(sets) if sets else []:
            found = _read(name, folder, settings, data)
            rows += [dataclasses.replace(row, split=part) for row in found]
    return [row for row in rows if row.split in ("train", "val", "test")]


def _read(name: str, folder: str, settings: DistilData, data: Path) -> list[Row]:
    rows = read_dataset(name, data / folder, skip_missing=settings.missing == "skip")
    return [dataclasses.replace(row, content_id=f"{folder}/{row.content_id}") for row in rows]


def _divided(rows: Sequence[Row], settings: DistilData) -> list[Row]:
    """Draw the parts that neither an official split nor other sets give."""
    rows = list(rows)
    told = {row.split for row in rows}
    if "train" not in told:
        rows = [dataclasses.replace(row, split="train") for row in rows]
    if "test" not in told and not settings.test_sets:
        rows = _moved(rows, "test", settings.test_fraction, seed=settings.repeat)
    if "val" not in told and not settings.choose_sets:
        rows = _moved(rows, "val", settings.holdout_fraction, seed=1000 + settings.repeat)
    return rows


def _moved(rows: list[Row], part: Split, fraction: float, *, seed: int) -> list[Row]:
    """Move whole contents of the training part to another one."""
    training = [place for place, row in enumerate(rows) if row.split == "train"]
    drawn = group_holdout([rows[place].content_id for place in training], fraction, seed=seed)
    chosen = {place for place, out in zip(training, drawn, strict=True) if out}
    moved = {place: dataclasses.replace(rows[place], split=part) for place in chosen}
    return [moved.get(place, row) for place, row in enumerate(rows)]


def _identity(paths: Sequence[Path], settings: DistilData) -> str:
    """Name what a store holds: other clips or another view, another store."""
    text = "\n".join([repr(settings.view), *map(str, paths)])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class ClipBatches(Dataset[Batch]):
    """Training batches, indexed by step: the same step gives the same batch.

    Each item is a dict of `views` [B, T, 3, S, S], `mos` [B] and, where a teacher's features are
    known, `teacher` [B, D].
    """

    def __init__(
        self, material: Material, settings: DistilData, *, teacher: np.ndarray | None = None
    ) -> None:
        """Take the training part.

        Args:
            material: Clips and opinions.
            settings: Size of a batch, windows and flips.
            teacher: Features of every variant of every training clip, from `open_features`.
        """
        self._material = material
        self._settings = settings
        self._teacher = teacher
        self._mos = material.mos.astype(np.float32)

    def __getitem__(self, step: int) -> Batch:
        settings, train = self._settings, self._material.train
        rng = np.random.default_rng((settings.seed, 2, step))
        places = self._places(step)
        variants = rng.integers(num_variants(settings), size=len(places))
        chosen = list(zip(places, variants, strict=True))
        views = [training_view(self._material.clips[train[p]], v, settings) for p, v in chosen]
        batch = {
            "views": torch.from_numpy(np.stack(views)),
            "mos": torch.from_numpy(self._mos[train[places]]),
        }
        if self._teacher is not None:
            batch["teacher"] = torch.from_numpy(self._teacher[places, variants])
        return batch

    def _places(self, step: int) -> np.ndarray:
        """Return places in the training part: each once per epoch, in a new order each."""
        total = len(self._material.train)
        numbers = np.arange(step * self._settings.batch, (step + 1) * self._settings.batch)
        epochs, offsets = np.divmod(numbers, total)
        orders = {
            epoch: np.random.default_rng((self._settings.seed, 3, epoch)).permutation(total)
            for epoch in np.unique(epochs)
        }
        return np.array([orders[e][o] for e, o in zip(epochs, offsets, strict=True)])

    def __len__(self) -> int:
        """Return the number of steps after which every clip was seen."""
        return -(-len(self._material.train) // self._settings.batch)


def num_variants(settings: DistilData) -> int:
    """Return in how many ways a clip is looked at in training: windows, and their mirror images."""
    return settings.windows * (2 if settings.flips == "yes" else 1)


def training_view(windows: np.ndarray, variant: int, settings: DistilData) -> np.ndarray:
    """Return one way to look at a clip.

    Args:
        windows: float32 [K, T, 3, S, S].
        variant: Below `num_variants`; from K on the windows are mirrored.
        settings: Gives K.

    Returns:
        float32 [T, 3, S, S], contiguous.
    """
    mirrored, window = divmod(int(variant), settings.windows)
    view = windows[window]
    return np.ascontiguousarray(view[..., ::-1] if mirrored else view)
