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
from torch.utils.data import DataLoader, Dataset

from beholder.training.checkpoint import append_log, load_state, save_state, save_weights
from beholder.training.task import Batch, Task

MAX_GRADIENT_NORM = 5.0

Validate = Callable[[Any], dict[str, float]]
"""Returns figures of a model; `srcc` decides which weights are kept, without it the last are."""


def run_loop(
    model: nn.Module,
    batches: Dataset[Batch],
    *,
    task: Task,
    run: Path,
    validate: Validate,
    progress: Callable[[int, int], None],
) -> None:
    """Train a model; the best averaged weights end in the run folder.

    Goes on from the run's saved state where there is one.

    Args:
        model: Its weights are the start; they are changed.
        batches: Indexed by step.
        task: Loss, optimiser and length.
        run: Folder for weights, state and log.
        validate: Called every `task.loop.validate_every` steps with the averaged model.
        progress: Called after each step with its number and their total.
    """
    loop = task.loop
    fabric = Fabric(accelerator="cpu", devices=1, precision=loop.precision)
    average = copy.deepcopy(model).eval()
    optimizer = task.optimizer(model)
    place = _Place(model, average, optimizer, run)
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    for step, batch in _steps(batches, place.step, task):
        task.set_rates(optimizer, step)
        wrapped.train()
        loss, parts = task.loss(wrapped, batch)
        fabric.backward(loss)
        fabric.clip_gradients(wrapped, wrapped_optimizer, max_norm=MAX_GRADIENT_NORM)
        wrapped_optimizer.step()
        wrapped_optimizer.zero_grad()
        _update_average(average, model, task.average_decay, step)
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
        if figures.get("srcc", math.inf) > self.best:
            self.best = figures.get("srcc", self.best)
            save_weights(self._run, self._average)
        self.step = step
        states = {name: part.state_dict() for name, part in self._parts.items()}
        # With the generator, dropout goes on as if nothing had happened.
        states["rng"] = torch.get_rng_state()
        save_state(self._run, {**states, "step": step, "best": self.best})


def _steps(batches: Dataset[Batch], start: int, task: Task) -> Iterator[tuple[int, Batch]]:
    steps = range(start, task.loop.steps)
    # A generator of its own: making the loader must not move the one that dropout draws from,
    # else a resumed run would differ from an unbroken one.
    loader = DataLoader(
        batches,
        batch_size=None,
        sampler=steps,
        num_workers=task.workers,
        generator=torch.Generator(),
    )
    return zip(steps, loader, strict=True)


@torch.no_grad()
def _update_average(average: nn.Module, model: nn.Module, decay: float, step: int) -> None:
    # Early on the average would be mostly the start: follow faster then.
    decay = min(decay, (step + 1) / (step + 10))
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)


def _plain(parts: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: part.detach() for name, part in parts.items()}
