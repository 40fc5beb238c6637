"""The task on rated pictures: smooth L1 under AdamW, after DEIQT's protocol."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from beholder.losses.regression import opinion_loss
from beholder.training.quality_recipe import QualityRecipe
from beholder.training.schedule import cosine_share
from beholder.training.task import Batch


class QualityTask:
    """Only parameters that ask for gradients are trained."""

    workers = 0

    def __init__(self, recipe: QualityRecipe) -> None:
        self.loop = recipe.loop
        self.average_decay = recipe.optim.average_decay
        self._optim = recipe.optim

    def loss(self, model: Any, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute smooth L1 between the quality of each crop and its picture's opinion."""
        predicted = model(batch["views"]).float().squeeze(1)
        return opinion_loss(predicted, batch["mos"], beta=self._optim.beta), {}

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Make AdamW; vectors (norms, biases, decays) are not pulled towards zero."""
        trained = [p for p in model.parameters() if p.requires_grad]
        groups: list[dict[str, Any]] = [
            {"params": [p for p in trained if p.ndim > 1]},
            {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.AdamW(groups, lr=0.0, weight_decay=self._optim.weight_decay)

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Rise linearly over the warm-up, then fall as the schedule says."""
        optim = self._optim
        rate = optim.learning_rate * min(1.0, (step + 1) / max(1, optim.warmup_steps))
        if optim.schedule == "cosine":
            rate *= cosine_share(step, self.loop)
        else:
            drops = step * (optim.num_drops + 1) // self.loop.steps
            rate *= optim.drop_factor**drops
        for group in optimizer.param_groups:
            group["lr"] = rate
