"""The loop: step, clip, schedule, average, log, validate, save. The only file that knows Fabric."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn
from torch.utils.data import DataLoader

from beholder.models.embedded import EmbeddedModel
from beholder.training.batches import Batches
from beholder.training.checkpoint import append_log, load_state, save_state, save_weights
from beholder.training.recipe import LoopSettings, OptimSettings, Recipe
from beholder.training.task import quality_loss

MAX_GRADIENT_NORM = 5.0

Validate = Callable[[EmbeddedModel], dict[str, float]]
"""Returns figures of a model; `srcc` decides which weights are kept."""


def run_loop(
    model: EmbeddedModel,
    batches: Batches,
    *,
    recipe: Recipe,
    run: Path,
    validate: Validate,
    progress: Callable[[int, int], None],
) -> None:
    """Train a model; the best averaged weights end in the run folder.

    Goes on from the run's saved state where there is one.

    Args:
        model: Its weights are the start; they are changed.
        batches: Indexed by step.
        recipe: Optimiser and length.
        run: Folder for weights, state and log.
        validate: Called every `recipe.loop.validate_every` steps with the averaged model.
        progress: Called after each step with its number and their total.
    """
    loop = recipe.loop
    fabric = Fabric(accelerator="cpu", devices=1, precision=loop.precision)
    average = copy.deepcopy(model).eval()
    optimizer = _build_optimizer(model, recipe.optim)
    place = _Place(model, average, optimizer, run)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    for step, batch in _steps(batches, place.step, loop.steps):
        _set_rates(optimizer, step, recipe)
        wrapped.train()
        loss, parts = quality_loss(wrapped, batch, recipe.optim)
        fabric.backward(loss)
        fabric.clip_gradients(wrapped, wrapped_optimizer, max_norm=MAX_GRADIENT_NORM)
        wrapped_optimizer.step()
        wrapped_optimizer.zero_grad()
        _update_average(average, model, recipe.optim.average_decay, step)
        if (step + 1) % loop.log_every == 0:
            append_log(run, {"step": step + 1, "loss": loss.detach(), **_plain(parts)})
        if (step + 1) % loop.validate_every == 0 or step + 1 == loop.steps:
            place.finish(step + 1, validate(average))
        progress(step + 1, loop.steps)


class _Place:
    """Where a run is: its step, its best figure, and how to save and restore both."""

    def __init__(
        self, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, run: Path
    ) -> None:
        self._parts: dict[str, Any] = {"model": model, "average": average, "optimizer": optimizer}
        self._run = run
        self._average = average
        self.step, self.best = 0, -math.inf
        state = load_state(run)
        if state is not None:
            for name, part in self._parts.items():
                part.load_state_dict(state[name])
            self.step, self.best = int(state["step"]), float(state["best"])
            torch.set_rng_state(state["rng"])

    def finish(self, step: int, figures: dict[str, float]) -> None:
        """Log a validation, keep the weights if they are the best, save the state."""
        append_log(self._run, {"step": step, **figures})
        if figures["srcc"] > self.best:
            self.best = figures["srcc"]
            save_weights(self._run, self._average)
        self.step = step
        states = {name: part.state_dict() for name, part in self._parts.items()}
        # With the generator, dropout goes on as if nothing had happened.
        states["rng"] = torch.get_rng_state()
        save_state(self._run, {**states, "step": step, "best": self.best})


def _steps(batches: Batches, start: int, end: int) -> Iterator[tuple[int, dict[str, Tensor]]]:
    loader = DataLoader(batches, batch_size=None, sampler=range(start, end), num_workers=1)
    return zip(range(start, end), loader, strict=True)


def _build_optimizer(model: EmbeddedModel, settings: OptimSettings) -> torch.optim.Optimizer:
    groups = [
        {"params": model.trunk_parameters(), "peak": settings.trunk_learning_rate},
        {"params": list(model.regress.parameters()), "peak": settings.head_learning_rate},
    ]
    return torch.optim.AdamW(groups, lr=0.0, weight_decay=settings.weight_decay)


def _set_rates(optimizer: torch.optim.Optimizer, step: int, recipe: Recipe) -> None:
    """Set learning rates: the trunk rests during the head's steps, then warms up and decays."""
    trunk, head = optimizer.param_groups
    resting = step < recipe.loop.head_steps
    for parameter in trunk["params"]:
        parameter.requires_grad_(not resting)
    trunk["lr"] = 0.0 if resting else trunk["peak"] * trunk_share(step, recipe.loop, recipe.optim)
    head["lr"] = head["peak"] * (1.0 if resting else cosine_share(step, recipe.loop))


def cosine_share(step: int, loop: LoopSettings) -> float:
    """Return the share of the peak rate at a step after the head's steps: from 1 down to 0.01."""
    done = (step - loop.head_steps) / max(1, loop.steps - loop.head_steps)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, done))))


def trunk_share(step: int, loop: LoopSettings, optim: OptimSettings) -> float:
    """Return `cosine_share` with a linear rise over the first `warmup_steps` of the trunk."""
    rise = (step - loop.head_steps + 1) / max(1, optim.warmup_steps)
    return min(1.0, rise) * cosine_share(step, loop)


@torch.no_grad()
def _update_average(average: nn.Module, model: nn.Module, decay: float, step: int) -> None:
    # Early on the average would be mostly the start: follow faster then.
    decay = min(decay, (step + 1) / (step + 10))
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def _plain(parts: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: part.detach() for name, part in parts.items()}
