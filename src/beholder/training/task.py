"""What the loop must be told: the loss of a batch, the optimiser, its rates, how long.

Each method has one task; `training.loop.run_loop` runs them all.
"""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from beholder.training.recipe import LoopSettings

Batch = dict[str, Tensor]


class Task(Protocol):
    """One kind of training."""

    @property
    def loop(self) -> LoopSettings:
        """How long, and how often to look."""

    @property
    def average_decay(self) -> float:
        """Of the exponential moving average of the weights, which is what is kept."""

    @property
    def workers(self) -> int:
        """Processes that make batches; 0 where they lie in memory already."""

    def loss(self, model: Any, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute the loss of a batch, and its parts by name (unweighted)."""

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Make the optimiser."""

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Set the learning rates of a step."""
