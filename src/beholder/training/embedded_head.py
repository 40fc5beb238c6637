"""The head's first lesson: it learns on features of the resting trunks, which are made once.

Thirty lessons on every photograph cost as much as one, so the head is well trained before the
trunks begin to move.

Axis letters: L looks, N photographs, D features, B batch, R rungs, T frames, E members, H height,
W width.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from beholder.evaluation.correlation import srcc
from beholder.ladders.manifest import SOURCE
from beholder.models.embedded import EmbeddedModel
from beholder.records import ViewSpec
from beholder.sampling import apply, plan_windows
from beholder.training.checkpoint import load_weights
from beholder.training.embedded_task import quality_loss
from beholder.training.loop import run_loop
from beholder.training.material import Material
from beholder.training.recipe import LoopSettings, Recipe
from beholder.training.schedule import warm_cosine_share
from beholder.training.task import Batch

LOOKS = ("whole", "middle")
"""How pictures are seen: as the scorer sees them whole, and the first detail of a large one, at its
own resolution."""

PART = 500
"""Photographs between two files of features."""

FEATURES = Path("cache", "features")
"""Folder of the run for what the resting trunks see."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What the resting trunks see of photographs and ladders, in each of the L `LOOKS`."""

    photos: np.ndarray
    """float32 [L, N, D]; after the rated photographs those that nobody rated."""
    rungs: tuple[np.ndarray, ...]
    """float32 [L, R, T, D] for each ladder."""


class HeadAlone(nn.Module):
    """The head of a model as a network of its own: features [B, D] to members [B, E]."""

    def __init__(self, model: EmbeddedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, features: Tensor) -> Tensor:
        """Map features [B, D] to what each member says, [B, E]."""
        return self.model.members(features)


class HeadTask:
    """The loss of the embedded model, on features; of its parameters only the head's learn."""

    workers = 0

    def __init__(self, recipe: Recipe, head: Sequence[nn.Parameter]) -> None:
        self._recipe, self._head = recipe, head
        self.average_decay = recipe.head.average_decay
        steps = recipe.head.steps
        self.loop: LoopSettings = dataclasses.replace(
            recipe.loop, steps=steps, validate_every=steps, precision="32-true"
        )

    def loss(self, model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute `quality_loss`."""
        return quality_loss(model, batch, self._recipe.optim)

    def optimizer(self, _: nn.Module) -> torch.optim.Optimizer:
        """Make AdamW over the head's parameters."""
        decay = self._recipe.optim.weight_decay
        return torch.optim.AdamW(self._head, lr=0.0, weight_decay=decay)

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Rise linearly at first, then decay."""
        settings = self._recipe.head
        share = warm_cosine_share(step, self.loop, warmup_steps=settings.warmup_steps)
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * share


class FeatureBatches(Dataset[Batch]):
    """Batches as `batches.Batches` gives them, of features [B, D] in place of views."""

    def __init__(self, seen: Seen, material: Material, recipe: Recipe) -> None:
        self._seen, self._material, self._recipe = seen, material, recipe
        rated, unrated = len(material.photos.mos), len(material.unrated)
        self._mos = np.append(material.photos.mos, np.full(unrated, np.nan))
        self._learned = np.append(material.train, rated + np.arange(unrated))

    def __getitem__(self, step: int) -> Batch:
        settings, material = self._recipe.head, self._material
        rng = np.random.default_rng((self._recipe.data.seed, 2, step))
        items = rng.choice(self._learned, min(settings.batch, len(self._learned)), replace=False)
        looks = rng.integers(len(LOOKS), size=len(items))
        batch = {"photos": self._seen.photos[looks, items], "mos": self._mos[items]}
        if material.taught is not None:
            batch["taught"] = material.taught[items]
        groups = [self._group(rng) for _ in range(settings.num_groups if material.packs else 0)]
        none = np.zeros((0, settings.num_rungs))
        batch["rungs"] = np.concatenate([batch["photos"][:0], *(rungs for rungs, _ in groups)])
        batch["vmaf"] = np.stack([vmaf for _, vmaf in groups]) if groups else none
        return {name: torch.from_numpy(value.astype(np.float32)) for name, value in batch.items()}

    def _group(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw a frame of a ladder at several rungs, its source first: all looks [L * R, D]."""
        number = int(rng.integers(len(self._material.packs)))
        pack, seen = self._material.packs[number], self._seen.rungs[number]
        frame = int(rng.integers(seen.shape[2]))
        source = pack.codecs.index(SOURCE)
        others = np.delete(np.arange(len(pack.codecs)), source)
        drawn = rng.choice(others, self._recipe.head.num_rungs - 1, replace=False)
        rungs = [source, *drawn]
        return np.concatenate(seen[:, rungs, frame]), pack.vmaf[rungs, frame]

    def __len__(self) -> int:
        """Return the number of steps."""
        return self._recipe.head.steps


def fit_head(
    model: EmbeddedModel,
    seen: Seen,
    material: Material,
    recipe: Recipe,
    *,
    run: Path,
    progress: Callable[[int, int], None],
) -> None:
    """Train the head of a model in place.

    Args:
        model: Its trunks rest; the scale of its features is fixed here.
        seen: From `look_once`.
        material: Photographs and ladders.
        recipe: Says how long and how fast.
        run: Open folder for the state of this part, which goes on where it stopped.
        progress: Called after each step with its number and their total.
    """
    model.standardise(torch.from_numpy(seen.photos[0, material.train]))
    chosen = torch.from_numpy(seen.photos[0, material.choose])

    def validate(alone: HeadAlone) -> dict[str, float]:
        with torch.inference_mode():
            quality = alone.model.head(chosen)[:, 0].numpy()
        return {"srcc": srcc(quality, material.photos.mos[material.choose])}

    alone = HeadAlone(model)
    run_loop(
        alone,
        FeatureBatches(seen, material, recipe),
        task=HeadTask(recipe, list(model.regress.parameters())),
        run=run,
        validate=validate,
        progress=progress,
    )
    load_weights(run, alone)


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
    cache.mkdir(parents=True, exist_ok=True)
    model.eval()
    parts = [
        (cache / f"{name}_{start}.npy", pixels[start : start + PART])
        for name, pixels in (("photos", material.photos.pixels), ("unrated", material.unrated))
        for start in range(0, len(pixels), PART)
    ]
    total = len(parts) + len(material.packs)
    photos, rungs = [], []
    for done, (path, pictures) in enumerate(parts):
        photos.append(_look_kept(model, pictures, view=recipe.view, path=path))
        progress(done + 1, total)
    for done, pack in enumerate(material.packs):
        shape = pack.frames.shape
        pictures = pack.frames.reshape(-1, *shape[2:])
        path = cache / f"{pack.content_id}.npy"
        seen = _look_kept(model, pictures, view=recipe.view, path=path)
        rungs.append(seen.reshape(len(LOOKS), *shape[:2], -1))
        progress(len(parts) + done + 1, total)
    return Seen(photos=np.concatenate(photos, axis=1), rungs=tuple(rungs))


def _look_kept(
    model: EmbeddedModel, pictures: np.ndarray, *, view: ViewSpec, path: Path
) -> np.ndarray:
    """Return what is seen of pictures, looked at first where there is no file; float16 on disk."""
    if not path.exists():
        # Complete or absent: an interrupted look must not leave a file that seems whole.
        part = path.with_name(f"{path.stem}.part.npy")
        np.save(part, _look(model, pictures, view).astype(np.float16))
        part.replace(path)
    seen: np.ndarray = np.load(path)
    return seen.astype(np.float32)


def _look(model: EmbeddedModel, pictures: np.ndarray, view: ViewSpec) -> np.ndarray:
    """Look at pictures, uint8 [N, H, W, 3], in every way: float32 [L, N, D]."""
    seen = np.empty((len(LOOKS), len(pictures), model.num_features), np.float32)
    with torch.inference_mode():
        for number, pixels in enumerate(pictures):
            for look, cut in enumerate(_views(pixels, view)):
                seen[look, number] = model.features(cut)[0].numpy()
    return seen


def _views(pixels: np.ndarray, view: ViewSpec) -> list[Tensor]:
    """Cut the views of `LOOKS` from a picture; each is [1, 3, H, W]."""
    height_px, width_px, _ = pixels.shape
    # A picture that the scorer would see whole shows its middle as a larger one would.
    near = dataclasses.replace(view, whole_area_px=view.detail_side_px**2)
    whole, *details = plan_windows(height_px, width_px, near)
    seen = apply(pixels, [whole, *details[:1]], view)
    return [torch.from_numpy(np.ascontiguousarray(v))[None] for v in (seen[0], seen[-1])]
