"""The head's first lesson: it learns on features of the resting trunks, which are made once.

Thirty lessons on every photograph cost as much as one, so the head is well trained before the
trunks begin to move.

Axis letters: L looks, D features, B batch, G ladder contents in it, R rungs, E members.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from beholder.evaluation.correlation import srcc
from beholder.ladders.manifest import SOURCE
from beholder.models.embedded import EmbeddedModel
from beholder.training.checkpoint import load_weights
from beholder.training.embedded_task import quality_loss
from beholder.training.looks import Seen
from beholder.training.loop import run_loop
from beholder.training.material import Material
from beholder.training.recipe import LoopSettings, Recipe
from beholder.training.schedule import warm_cosine_share
from beholder.training.task import Batch


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
        looks = rng.integers(len(self._seen.photos), size=len(items))
        batch = {"photos": self._seen.photos[looks, items], "mos": self._mos[items]}
        if material.taught is not None:
            batch["taught"] = material.taught[items]
        drawn = [self._draw(rng) for _ in range(settings.num_groups if material.packs else 0)]
        # Of every group all looks, one after the other: [G * L * R, D].
        seen = [np.concatenate(self._seen.rungs[n][:, rungs, t]) for n, rungs, t in drawn]
        batch["rungs"] = np.concatenate([batch["photos"][:0], *seen])
        vmaf = [material.packs[n].vmaf[rungs, t] for n, rungs, t in drawn]
        batch["vmaf"] = np.stack(vmaf) if vmaf else np.zeros((0, settings.num_rungs))
        if self._seen.told and drawn:
            told = [np.concatenate(self._seen.told[n][:, rungs, t]) for n, rungs, t in drawn]
            batch["told"] = np.concatenate(told)
        return {name: torch.from_numpy(value.astype(np.float32)) for name, value in batch.items()}

    def _draw(self, rng: np.random.Generator) -> tuple[int, list[int], int]:
        """Draw a ladder, several of its rungs, the source first, and a frame."""
        number = int(rng.integers(len(self._material.packs)))
        pack = self._material.packs[number]
        frame = int(rng.integers(pack.vmaf.shape[1]))
        source = pack.codecs.index(SOURCE)
        others = np.delete(np.arange(len(pack.codecs)), source)
        drawn = rng.choice(others, self._recipe.head.num_rungs - 1, replace=False)
        return number, [source, *drawn.tolist()], frame

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
        seen: From `looks.look_once`.
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
