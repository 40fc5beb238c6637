"""Batches by step number: the same step gives the same batch, so a run resumes where it stopped.

Axis letters: B photographs, G ladder groups, R rungs, C crop side.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from beholder.ladders.manifest import SOURCE
from beholder.records import ViewSpec
from beholder.sampling.resize import resize
from beholder.sampling.view import normalise
from beholder.training.material import Material
from beholder.training.recipe import DataSettings

MIN_SCALE = 0.6
"""Ladder frames are shrunk to between this and their own size before the crop is cut."""


class Batches(Dataset[dict[str, Tensor]]):
    """Training batches of photographs and of ladder groups, indexed by step.

    Each item is a dict of `photos` [B, 3, C, C], `mos` [B], `rungs` [G * R, 3, C, C] and
    `vmaf` [G, R]; without ladders the last two are empty. With teachers there is `taught` [B].
    """

    def __init__(self, material: Material, *, settings: DataSettings, view: ViewSpec) -> None:
        self._photos = material.photos
        self._chosen = material.train
        self._taught = material.taught
        self._ladders = material.packs
        self._settings = settings
        self._view = view

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self._settings.seed, step))
        items = self._items(step)
        photos = np.stack([self._crop_photo(item, rng) for item in items])
        batch = {"photos": photos, "mos": self._photos.mos[items]}
        if self._taught is not None:
            batch["taught"] = self._taught[items]
        if self._ladders:
            groups = [self._group(rng) for _ in range(self._settings.num_groups)]
            batch["rungs"] = np.concatenate([rungs for rungs, _ in groups])
            batch["vmaf"] = np.stack([vmaf for _, vmaf in groups])
        else:
            batch["rungs"] = photos[:0]
            batch["vmaf"] = np.zeros((0, self._settings.num_rungs))
        return {name: torch.from_numpy(value.astype(np.float32)) for name, value in batch.items()}

    def _items(self, step: int) -> np.ndarray:
        """Return the photographs of a step: each once per epoch, in a new order every epoch."""
        size = self._settings.num_photos
        places = np.arange(step * size, (step + 1) * size)
        epochs, offsets = np.divmod(places, len(self._chosen))
        orders = {
            epoch: np.random.default_rng((self._settings.seed, 1, epoch)).permutation(self._chosen)
            for epoch in np.unique(epochs)
        }
        return np.array([orders[e][o] for e, o in zip(epochs, offsets, strict=True)])

    def _crop_photo(self, item: int, rng: np.random.Generator) -> np.ndarray:
        side, crop = self._settings.side_px, self._settings.crop_px
        part = int(rng.integers(crop, side + 1))
        return self._cut(self._photos.pixels[item], part, rng)[0]

    def _group(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        pack = self._ladders[int(rng.integers(len(self._ladders)))]
        frame = int(rng.integers(pack.frames.shape[1]))
        sources = [i for i, codec in enumerate(pack.codecs) if codec == SOURCE]
        others = [i for i, codec in enumerate(pack.codecs) if codec != SOURCE]
        drawn = rng.choice(others, self._settings.num_rungs - 1, replace=False)
        rungs = [sources[0], *drawn]
        crop, height_width = self._settings.crop_px, pack.frames.shape[2:4]
        most = min(*height_width, round(crop / MIN_SCALE))
        part = int(rng.integers(min(crop, most), most + 1))
        return self._cut_same(pack.frames[rungs, frame], part, rng), pack.vmaf[rungs, frame]

    def _cut_same(self, frames: np.ndarray, part: int, rng: np.random.Generator) -> np.ndarray:
        return np.stack(self._cut(frames, part, rng))

    def _cut(self, frames: np.ndarray, part: int, rng: np.random.Generator) -> Sequence[np.ndarray]:
        """Cut one random square from a frame, or the same one from several; flip; shrink."""
        frames = frames if frames.ndim == 4 else frames[None]
        top = int(rng.integers(frames.shape[1] - part + 1))
        left = int(rng.integers(frames.shape[2] - part + 1))
        cut = frames[:, top : top + part, left : left + part]
        cut = cut[:, :, ::-1] if rng.random() < 0.5 else cut
        crop = self._settings.crop_px
        return [normalise(resize(f, height_px=crop, width_px=crop), self._view) for f in cut]

    def __len__(self) -> int:
        """Return the number of steps after which every photograph was seen once."""
        return -(-len(self._chosen) // self._settings.num_photos)
