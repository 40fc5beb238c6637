"""The loop: step, clip, schedule, average, log, validate, save.

Under `torchrun` every process takes its share of each batch, and the first one validates and saves:
`torchrun --nproc-per-node 4 -m beholder train ...`.
"""

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

from beholder.errors import UsageError
from beholder.training.checkpoint import append_log, load_state, save_state, save_weights
from beholder.training.devices import OnDevice, open_fabric
from beholder.training.lesson import kept_part
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
        model: Its weights are the start; they are changed. Of a `Lesson` the student is averaged,
            judged and kept.
        batches: Indexed by step.
        task: Loss, optimiser and length.
        run: Folder for weights, state and log.
        validate: Called every `task.loop.validate_every` steps with the averaged model, which
            takes and gives tensors of the processor.
        progress: Called after each step with its number and their total.

    Raises:
        UsageError: No such device, or batches that the processes cannot share evenly.
    """
    loop, fabric = task.loop, open_fabric(task.loop)
    optimizer = task.optimizer(model)
    average = copy.deepcopy(kept_part(model)).eval()
    wrapped, wrapped_optimizer = fabric.setup(model, optimizer)
    average.to(fabric.device)
    place = _Place(fabric, run, model=model, average=average, optimizer=optimizer)
    for step, batch in _steps(batches, place.step, task):
        task.set_rates(optimizer, step)
        wrapped.train()
        loss, parts = task.loss(wrapped, _own_share(fabric, batch))
        fabric.backward(loss)
        fabric.clip_gradients(wrapped, wrapped_optimizer, max_norm=MAX_GRADIENT_NORM)
        wrapped_optimizer.step()
        wrapped_optimizer.zero_grad()
        _update_average(average, kept_part(model), task.average_decay, step)
        if (step + 1) % loop.log_every == 0:
            place.log({"step": step + 1, "loss": loss, **parts})
        if (step + 1) % loop.validate_every == 0 or step + 1 == loop.steps:
            place.finish(step + 1, validate)
        if fabric.is_global_zero:
            progress(step + 1, loop.steps)
    model.cpu()


class _Place:
    """Where a run is: its step, its best figure, and how to save and restore both."""

    def __init__(
        self,
        fabric: Fabric,
        run: Path,
        *,
        model: nn.Module,
        average: nn.Module,
        optimizer: torch.optim.Optimizer,
    ) -> None:
        self._fabric, self._run = fabric, run
        self._model, self._average, self._optimizer = model, average, optimizer
        self.step, self.best = 0, -math.inf
        state = load_state(run)
        if state is not None:
            # What is frozen is not saved: it is as it was when the model was built.
            model.load_state_dict(state["model"], strict=False)
            average.load_state_dict(state["average"])
            optimizer.load_state_dict(state["optimizer"])
            self.step, self.best = int(state["step"]), float(state["best"])
            _set_generators(fabric, state)
        elif fabric.world_size > 1:
            # Each process drops other branches, but starts from the weights of the first.
            torch.manual_seed(torch.initial_seed() + fabric.global_rank)

    def log(self, record: dict[str, Any]) -> None:
        """Log the mean over all processes."""
        tensors = {name: v.detach() for name, v in record.items() if isinstance(v, Tensor)}
        record = {**record, **{name: self._mean(value) for name, value in tensors.items()}}
        if self._fabric.is_global_zero:
            append_log(self._run, record)

    def finish(self, step: int, validate: Validate) -> None:
        """Validate, keep the weights if they are the best, save the state."""
        self.step = step
        generators = _generators(self._fabric)
        if self._fabric.is_global_zero:
            figures = validate(self._judged())
            append_log(self._run, {"step": step, **figures})
            if figures.get("srcc", math.inf) > self.best:
                self.best = figures.get("srcc", self.best)
                save_weights(self._run, self._average)
            self._save(generators)
        self._fabric.barrier()

    def _judged(self) -> nn.Module:
        device = self._fabric.device
        return self._average if device.type == "cpu" else OnDevice(self._average, device).eval()

    def _save(self, generators: dict[str, Tensor]) -> None:
        frozen = {n for n, p in self._model.named_parameters() if not p.requires_grad}
        learned = {n: t for n, t in self._model.state_dict().items() if n not in frozen}
        state = {
            "model": learned,
            "average": self._average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self.step,
            "best": self.best,
        }
        save_state(self._run, {**state, **generators})

    def _mean(self, value: Tensor) -> Tensor:
        if self._fabric.world_size == 1:
            return value
        gathered: Any = self._fabric.all_reduce(value, reduce_op="mean")
        mean: Tensor = gathered
        return mean


def _generators(fabric: Fabric) -> dict[str, Tensor]:
    """Return the random states of all processes: with them dropout goes on as if unbroken."""
    states = {"rng": torch.get_rng_state()}
    if fabric.device.type == "cuda":
        states["cuda_rng"] = torch.cuda.get_rng_state(fabric.device)
    if fabric.world_size > 1:
        together: Any = fabric.all_gather(states)
        states = {name: state.cpu() for name, state in together.items()}
    return states


def _set_generators(fabric: Fabric, state: dict[str, Any]) -> None:
    for name, setter in (("rng", torch.set_rng_state), ("cuda_rng", torch.cuda.set_rng_state)):
        if name in state and (name == "rng" or fabric.device.type == "cuda"):
            states = torch.atleast_2d(state[name])
            # PyTorch reads the memory from its beginning, whatever row it is given.
            setter(states[fabric.global_rank % len(states)].clone())


def _own_share(fabric: Fabric, batch: Batch) -> Batch:
    """Return every n-th item of a batch, on the device, for one of n processes."""
    number = fabric.world_size
    if number > 1:
        sizes = {len(part) for part in batch.values()}
        if any(size % number for size in sizes):
            raise UsageError(
                f"expected batches that {number} processes share evenly, found {max(sizes)} items; "
                "change data.batch or the number of processes"
            )
        batch = {name: part[fabric.global_rank :: number] for name, part in batch.items()}
    moved: Batch = fabric.to_device(batch)
    return moved


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
    # Running means of batch normalisation are averages already.
    for running, latest in zip(average.buffers(), model.buffers(), strict=True):
        running.copy_(latest)
