"""Clips as the scorer sees them, decoded once, and what a frozen spatial module says of them.

Axis letters: N clips, K windows of a frame, T frames, S side of a window, D features.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from beholder.errors import DataError
from beholder.media import decode, probe
from beholder.models.c2f import C2f
from beholder.models.tuning.files import hash_weights
from beholder.records import FramePlan, ViewSpec
from beholder.sampling import normalise, spread_times
from beholder.scoring.sequence_judge import sequence_views

Progress = Callable[[int, int], None]

CHUNK = 8
"""Clips that are judged at a time."""


class Views(Protocol):
    """Clips by number, as the network wants them."""

    def __getitem__(self, item: int, /) -> np.ndarray:
        """Return float32 [K, T, 3, S, S]."""

    def __len__(self) -> int:
        """Return N."""


class Clips:
    """Clips by number, read where they lie on disk."""

    def __init__(self, pixels: np.ndarray, view: ViewSpec) -> None:
        self._pixels = pixels
        self._view = view

    def __getitem__(self, item: int) -> np.ndarray:
        """Return float32 [K, T, 3, S, S], normalised."""
        return normalise(self._pixels[item].astype(np.float32), self._view)

    def __len__(self) -> int:
        return len(self._pixels)


def open_clips(paths: Sequence[Path], store: Path, *, view: ViewSpec, progress: Progress) -> Clips:
    """Decode clips into a file of uint8 [N, K, T, 3, S, S], or open the one of an earlier run.

    Args:
        paths: Videos; all give equally many windows.
        store: The file; written whole or not at all.
        view: How the model looks at a clip.
        progress: Called with the number of clips done and their total.

    Raises:
        DataError: The file is of another number of clips, or a video is smaller than a window.
        MediaError: A video cannot be decoded.
    """
    if not store.exists():
        store.parent.mkdir(parents=True, exist_ok=True)
        part = store.with_suffix(".part")
        shape = (len(paths), view.frame_details, view.max_frames, 3, *[view.detail_side_px] * 2)
        pixels = np.lib.format.open_memmap(part, "w+", np.uint8, shape)
        for number, path in enumerate(paths):
            pixels[number] = _read(path, view)
            progress(number + 1, len(paths))
        pixels.flush()
        part.replace(store)
    pixels = np.load(store, mmap_mode="r")
    if len(pixels) != len(paths):
        raise DataError(
            f"expected {len(paths)} decoded clips in {str(store)!r}, found {len(pixels)}; delete it"
        )
    return Clips(pixels, view)


def open_features(model: C2f, clips: Views, folder: Path, *, progress: Progress) -> np.ndarray:
    """Compute the frame features of all clips once, or read those of the same spatial weights.

    Args:
        model: Its spatial module looks at every frame.
        clips: E.g. from `open_clips`.
        folder: Where the features are kept.
        progress: Called with the number of clips done and their total.

    Returns:
        float32 [N, K, T, D].
    """
    store = folder / f"features_{hash_weights(model.spatial)[:12]}.npy"
    if not store.exists():
        part = store.with_suffix(".part")
        frozen = model.eval()
        found = []
        for item in range(len(clips)):
            with torch.inference_mode():
                found.append(frozen.frame_features(torch.from_numpy(clips[item])).numpy())
            progress(item + 1, len(clips))
        with part.open("wb") as file:
            np.save(file, np.stack(found))
        part.replace(store)
    features: np.ndarray = np.load(store)
    return features


@torch.inference_mode()
def predict_clips(model: C2f, source: Views | np.ndarray, items: np.ndarray) -> np.ndarray:
    """Predict the quality of clips: the mean over their windows, as the scorer takes it.

    Args:
        model: In evaluation mode.
        source: Views of the clips, or their frame features [N, K, T, D].
        items: Places of the wanted clips.

    Returns:
        float64 [items].
    """
    means: list[float] = []
    for start in range(0, len(items), CHUNK):
        given = np.stack([source[int(item)] for item in items[start : start + CHUNK]])
        features = clip_features(model, torch.from_numpy(given).flatten(0, 1))
        quality = model.head(features).double().unflatten(0, given.shape[:2])
        means += quality.mean((1, 2)).tolist()
    return np.array(means)


def clip_features(model: Any, given: torch.Tensor) -> torch.Tensor:
    """Map views [B, T, 3, S, S] or frame features [B, T, D] to clip features."""
    is_views = given.ndim > 3
    features: torch.Tensor = model.features(given) if is_views else model.from_frames(given)
    return features


def _read(path: Path, view: ViewSpec) -> np.ndarray:
    """Return uint8 [K, T, 3, S, S] of one video."""
    info = probe(path)
    times = spread_times(info, view.max_frames)
    plan = FramePlan(times_us=tuple(dict.fromkeys(times)))
    places = [plan.times_us.index(time) for time in times]
    views = sequence_views(decode(info, plan), places, view)
    if len(views) != view.frame_details:
        raise DataError(
            f"expected videos of more than {view.whole_area_px} pixels, found {str(path)!r} of "
            f"{info.width_px} x {info.height_px}; leave it out"
        )
    mean, std = (np.asarray(p, np.float32).reshape(3, 1, 1) for p in (view.mean, view.std))
    return np.rint(views * std + mean).clip(0, 255).astype(np.uint8)
