"""The task of PTM-VQA on cached features: smooth L1 beside the two halves of ICID.

Axis letters: N items, M models, B samples, R reduced features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from beholder.losses.icid import inter_divisibility, intra_consistency
from beholder.losses.regression import opinion_loss
from beholder.training.ptm_recipe import PtmRecipe
from beholder.training.schedule import cosine_share
from beholder.training.task import Batch


class ReducedBatches(Dataset[Batch]):
    """Batches by step number, each item once per epoch, in a new order every epoch.

    Each is a dict of `reduced` [B, M, R], `mos` [B] and `clusters` [B].
    """

    def __init__(
        self, reduced: Tensor, *, mos: np.ndarray, clusters: np.ndarray, batch: int, seed: int
    ) -> None:
        """Hold everything in memory.

        Args:
            reduced: float32 [N, M, R], of the training items.
            mos: [N], 0..1.
            clusters: Whole numbers [N].
            batch: Items per batch; all of them where they are fewer.
            seed: Of the orders.
        """
        self._reduced = reduced
        self._mos = torch.from_numpy(mos.astype(np.float32))
        self._clusters = torch.from_numpy(clusters.astype(np.int64))
        self._batch = min(batch, len(mos))
        self._seed = seed

    def __getitem__(self, step: int) -> Batch:
        epoch, place = divmod(step, len(self))
        order = np.random.default_rng((self._seed, epoch)).permutation(len(self._mos))
        # What is left over at an epoch's end comes up in another order's middle.
        items = torch.from_numpy(order[place * self._batch : (place + 1) * self._batch])
        return {
            "reduced": self._reduced[items],
            "mos": self._mos[items],
            "clusters": self._clusters[items],
        }

    def __len__(self) -> int:
        """Return the number of whole batches in an epoch."""
        return len(self._mos) // self._batch


class PtmTask:
    """All trained parameters learn at one rate."""

    workers = 0

    def __init__(self, recipe: PtmRecipe) -> None:
        self.loop = recipe.loop
        self.average_decay = recipe.optim.average_decay
        self._optim = recipe.optim

    def loss(self, model: Any, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute the loss of a batch of `ReducedBatches` under a `PtmVqa`."""
        settings = self._optim
        common, fused, predicted = model.from_reduced(batch["reduced"].transpose(0, 1))
        mos = batch["mos"].expand_as(predicted)
        parts = {"opinion": opinion_loss(predicted, mos, beta=settings.beta)}
        loss = parts["opinion"]
        # A part without weight is left out: it would cost time, and its curve would mislead.
        if settings.intra_weight:
            parts["intra"] = intra_consistency(common.flatten(1, 2))
            loss = loss + settings.intra_weight * parts["intra"]
        if settings.inter_weight:
            place = fused if settings.triplets == "fused" else common
            parts["inter"] = inter_divisibility(place, batch["clusters"], margin=settings.margin)
            loss = loss + settings.inter_weight * parts["inter"]
        return loss, parts

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Make AdamW."""
        return torch.optim.AdamW(
            model.parameters(), lr=0.0, weight_decay=self._optim.weight_decay, fused=True
        )

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Rise linearly over the warm-up, fall along a cosine."""
        rise = min(1.0, (step + 1) / max(1, self._optim.warmup_steps))
        for group in optimizer.param_groups:
            group["lr"] = self._optim.learning_rate * rise * cosine_share(step, self.loop)
