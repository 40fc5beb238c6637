"""What resting trunks see of photographs and ladders, and what a trained model says of ladders.

Both are made once and kept; the head's lesson (`embedded_head`) learns on them.

Axis letters: L looks, P looks at photographs, N photographs, D features, R rungs, T frames,
H height, W width.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from beholder.ladders.pack import Pack
from beholder.models.embedded import EmbeddedModel
from beholder.records import ViewSpec
from beholder.sampling import apply, plan_windows
from beholder.scoring.onnx_backend import OnnxBackend
from beholder.training.material import Material
from beholder.training.recipe import Recipe

LOOKS = ("whole", "middle")
"""How frames of ladders are seen: as the scorer sees them whole, and the first detail of a large
one, at its own resolution."""

PHOTO_LOOKS = (*LOOKS, "mirrored")
"""How photographs are seen: in these ways, and the mirror image whole."""

PART = 500
"""Photographs between two files of features."""

FEATURES = Path("cache", "features")
"""Folder of the run for what the resting trunks see."""

TOLD = FEATURES.with_name("told")
"""Folder of the run for what a trained model says of ladders."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the resting trunks see of photographs, in `PHOTO_LOOKS`, and of ladders, in `LOOKS`."""

    photos: np.ndarray
    """float32 [P, N, D]; after the rated photographs those that nobody rated."""
    rungs: tuple[np.ndarray, ...]
    """float32 [L, R, T, D] for each ladder."""
    told: tuple[np.ndarray, ...] = ()
    """float32 [L, R, T] for each ladder, about 0..1: what a trained model says; empty: none."""


def look_once(
    model: EmbeddedModel,
    material: Material,
    recipe: Recipe,
    *,
    cache: Path,
    progress: Callable[[int, int], None],
) -> Seen:
    """Let the trunks see photographs and ladders, each in all looks.

    Args:
        model: With its starting weights.
        material: Photographs and ladders.
        recipe: Gives the view.
        cache: Folder for what was seen; what is there is not looked at again.
        progress: Called with the number of parts done and their total; a part is up to
            `PART` photographs, or a ladder.

    Returns:
        The features.
    """
    model.eval()
    at_photos = functools.partial(_features, model, looks=PHOTO_LOOKS, view=recipe.view)
    at_frames = functools.partial(_features, model, looks=LOOKS, view=recipe.view)
    parts = [
        (cache / f"{name}_{start}.npy", pixels[start : start + PART])
        for name, pixels in (("photos", material.photos.pixels), ("unrated", material.unrated))
        for start in range(0, len(pixels), PART)
    ]
    total = len(parts) + len(material.packs)
    photos = []
    for done, (path, pictures) in enumerate(parts):
        photos.append(_kept(at_photos, pictures, path=path))
        progress(done + 1, total)
    rungs = _of_ladders(
        at_frames,
        material.packs,
        cache=cache,
        progress=lambda done, _: progress(len(parts) + done, total),
    )
    return Seen(photos=np.concatenate(photos, axis=1), rungs=rungs)


def ask_once(
    backend: OnnxBackend,
    packs: Sequence[Pack],
    *,
    cache: Path,
    progress: Callable[[int, int], None],
) -> tuple[np.ndarray, ...]:
    """Ask a trained model about ladders, for `Seen.told`.

    Args:
        backend: The model; frames are shown to it, and its answers calibrated, as its card says.
        packs: The ladders.
        cache: Folder for what it says; what is there is not asked again.
        progress: Called with the number of ladders done and their total.

    Returns:
        float32 [L, R, T] for each ladder: about 0..1, on the scale of opinions.

    Raises:
        ModelError: The model fails on these frames.
    """

    def asked(pictures: np.ndarray) -> np.ndarray:
        cuts = (_views(pixels, backend.card.view) for pixels in pictures)
        said = [backend.run(views[look].numpy()) for views in cuts for look in LOOKS]
        line = backend.card.calibration
        quality = line.slope * np.concatenate(said) + line.intercept
        return quality.reshape(len(pictures), len(LOOKS)).T

    return _of_ladders(asked, packs, cache=cache, progress=progress)


def _of_ladders(
    looked: Callable[[np.ndarray], np.ndarray],
    packs: Sequence[Pack],
    *,
    cache: Path,
    progress: Callable[[int, int], None],
) -> tuple[np.ndarray, ...]:
    """Return what is found in each ladder, [L, R, T, ...]."""
    found = []
    for done, pack in enumerate(packs):
        shape = pack.frames.shape
        pictures = pack.frames.reshape(-1, *shape[2:])
        seen = _kept(looked, pictures, path=cache / f"{pack.content_id}.npy")
        found.append(seen.reshape(len(LOOKS), *shape[:2], *seen.shape[2:]))
        progress(done + 1, len(packs))
    return tuple(found)


def _kept(
    looked: Callable[[np.ndarray], np.ndarray], pictures: np.ndarray, *, path: Path
) -> np.ndarray:
    """Return what is found in pictures, looked at first where there is no file; float16 on disk."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Complete or absent: an interrupted look must not leave a file that seems whole.
        part = path.with_name(f"{path.stem}.part.npy")
        np.save(part, looked(pictures).astype(np.float16))
        part.replace(path)
    seen: np.ndarray = np.load(path)
    return seen.astype(np.float32)


def _features(
    model: EmbeddedModel, pictures: np.ndarray, *, looks: Sequence[str], view: ViewSpec
) -> np.ndarray:
    """Look at pictures, uint8 [N, H, W, 3], in some ways: float32 [L, N, D]."""
    seen = np.empty((len(looks), len(pictures), model.num_features), np.float32)
    with torch.inference_mode():
        for number, pixels in enumerate(pictures):
            cuts = _views(pixels, view)
            for look, name in enumerate(looks):
                seen[look, number] = model.features(cuts[name])[0].numpy()
    return seen


def _views(pixels: np.ndarray, view: ViewSpec) -> dict[str, Tensor]:
    """Cut the views of `PHOTO_LOOKS` from a picture; each is [1, 3, H, W]."""
    height_px, width_px, _ = pixels.shape
    # A picture that the scorer would see whole shows its middle as a larger one would.
    near = dataclasses.replace(view, whole_area_px=view.detail_side_px**2)
    windows = plan_windows(height_px, width_px, near)[:2]
    seen = apply(pixels, windows, view)
    whole, middle = (torch.from_numpy(np.ascontiguousarray(v))[None] for v in (seen[0], seen[-1]))
    return {"whole": whole, "middle": middle, "mirrored": whole.flip(3)}
