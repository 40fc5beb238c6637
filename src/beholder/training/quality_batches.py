"""Batches of random crops by step number, shared evenly by the sets.

Axis letters: B crops, C crop side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from beholder.records import ViewSpec
from beholder.sampling.resize import resize
from beholder.sampling.view import normalise
from beholder.training.quality_recipe import QualityData
from beholder.training.quality_sets import RatedSet


class CropBatches(Dataset[dict[str, Tensor]]):
    """Training batches, indexed by step: the same step gives the same batch.

    Each item is a dict of `views` [B, 3, C, C] and `mos` [B]. Every set gives equally many crops
    to a batch, whatever its size; what is left over goes round.
    """

    def __init__(self, sets: Sequence[RatedSet], *, settings: QualityData, view: ViewSpec) -> None:
        self._sets = sets
        self._settings = settings
        self._view = view

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self._settings.seed, 2, step))
        views, mos = [], []
        for number, rated in enumerate(self._sets):
            for item in self._items(number, step):
                views.append(self._crop(rated.pixels[item], rng))
                mos.append(rated.mos[item])
        return {
            "views": torch.from_numpy(np.stack(views)),
            "mos": torch.tensor(mos, dtype=torch.float32),
        }

    def _items(self, number: int, step: int) -> list[int]:
        """Return the pictures of a set in a step: each once per epoch, in a new order each."""
        train = self._sets[number].train
        start, end = (self._drawn(number, s) for s in (step, step + 1))
        epochs, offsets = np.divmod(np.arange(start, end), len(train))
        seeds = (self._settings.seed, 3, number)
        orders = {
            epoch: np.random.default_rng((*seeds, epoch)).permutation(train)
            for epoch in np.unique(epochs)
        }
        return [int(orders[e][o]) for e, o in zip(epochs, offsets, strict=True)]

    def _drawn(self, number: int, step: int) -> int:
        """Return how many crops a set gave before a step."""
        return (self._settings.batch * step + number) // len(self._sets)

    def _crop(self, pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        crop = self._settings.crop_px
        height, width = pixels.shape[:2]
        part = min(crop, height, width)
        top, left = (int(rng.integers(side - part + 1)) for side in (height, width))
        cut = pixels[top : top + part, left : left + part]
        cut = cut[:, ::-1] if rng.random() < 0.5 else cut
        return normalise(resize(cut, height_px=crop, width_px=crop), self._view)

    def __len__(self) -> int:
        """Return the number of steps after which the largest set was seen once."""
        share = self._settings.batch / len(self._sets)
        return int(np.ceil(max(len(rated.train) for rated in self._sets) / share))
