"""A frozen model that is ready to run, whatever library it comes from.

Axis letters: B batch, T frames, H height, W width, D features.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from beholder.errors import ModelError
from beholder.pool.entry import InputSpec, PoolEntry

BATCH = 16
"""Most frames that a network sees at once, where nobody asks for another number."""


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model and how it is fed."""

    entry: PoolEntry
    """With `features` filled in."""
    spec: InputSpec
    run: Callable[[np.ndarray], np.ndarray]
    """From prepared frames [B, ...] or clips [B, T, ...] to float32 [B, D]."""
    identity: str
    """Hash of the weights, or what else tells them apart from others."""
    versions: Mapping[str, str]
    """Packages that decide the digits."""

    def features(self, items: Sequence[np.ndarray], *, batch: int) -> np.ndarray:
        """Return what the model sees in some items.

        Args:
            items: [T, ...] each, from `prepare.prepare_file`.
            batch: Most frames that run at once.

        Returns:
            float32 [items, D]: means over frames, or the features of clips.
        """
        if self.spec.clip_frames:
            return np.concatenate([self.run(clip[None]) for clip in items])
        frames = np.concatenate(items)
        parts = [self.run(frames[i : i + batch]) for i in range(0, len(frames), batch)]
        ends = np.cumsum([len(item) for item in items])[:-1]
        single = np.split(np.concatenate(parts), ends)
        means = np.stack([each.mean(axis=0, dtype=np.float64) for each in single])
        return means.astype(np.float32)


def finish(
    entry: PoolEntry,
    spec: InputSpec,
    run: Callable[[np.ndarray], np.ndarray],
    *,
    identity: str,
    versions: Mapping[str, str],
) -> LoadedModel:
    """Run a model once on grey, and note the width of its features.

    Raises:
        ModelError: It fails, gives another shape or width than [1, D], or no finite numbers.
    """
    value = np.full((1, *input_shape(spec)), 128 if spec.pixels == "uint8" else 0.0)
    found = run(value.astype(np.uint8 if spec.pixels == "uint8" else np.float32))
    width = found.shape[1] if found.ndim == 2 else 0
    known = entry.features in (None, width)
    if found.shape[:1] != (1,) or not width or not known or not np.isfinite(found).all():
        wanted = "a number of" if entry.features is None else str(entry.features)
        raise ModelError(
            f"expected {wanted} finite features for one input from {entry.name!r}, found "
            f"{list(found.shape)}; check its file and its entry in the pool"
        )
    return LoadedModel(
        entry=dataclasses.replace(entry, features=width, input=spec),
        spec=spec,
        run=run,
        identity=identity,
        versions=versions,
    )


def input_shape(spec: InputSpec) -> tuple[int, ...]:
    """Return the shape of one prepared input: a frame, or [T, frame] of a clip."""
    size = spec.size_px
    frame = (size, size, 3) if spec.pixels == "uint8" else (3, size, size)
    return (spec.clip_frames, *frame) if spec.clip_frames else frame


def fingerprint(model: LoadedModel, *, num_frames: int, dtype: str) -> str:
    """Hash all that decides the features of a file: weights, input, frames and type."""
    facts = {
        "kind": model.entry.kind,
        "identity": model.identity,
        "input": dataclasses.asdict(model.spec),
        "num_frames": 0 if model.spec.clip_frames else num_frames,
        "dtype": dtype,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
