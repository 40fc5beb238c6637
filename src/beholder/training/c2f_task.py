"""The task of coarse to fine: smooth L1, groups of rates apart, order inside a group.

Axis letters: B clips, T frames, S side of a view, D features.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from beholder.losses.coarse_to_fine import group_contrastive, within_group_rank
from beholder.losses.regression import opinion_loss
from beholder.training.c2f_clips import Views, clip_features
from beholder.training.c2f_groups import RungSampler
from beholder.training.c2f_recipe import C2fRecipe
from beholder.training.schedule import cosine_share
from beholder.training.task import Batch


class ClipBatches(Dataset[Batch]):
    """Batches by step number: the clips that a sampler draws, one of the windows of each.

    Each is a dict of `given` (views [B, T, 3, S, S] or frame features [B, T, D]), `mos` [B] and
    `groups` [B].
    """

    def __init__(
        self,
        source: Views | np.ndarray,
        sampler: RungSampler,
        *,
        mos: np.ndarray,
        groups: np.ndarray,
        seed: int,
    ) -> None:
        self._source = source
        self._sampler = sampler
        self._mos = torch.from_numpy(mos.astype(np.float32))
        self._groups = torch.from_numpy(groups)
        self._seed = seed

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng((self._seed, 6, step))
        places = self._sampler.draw(step)
        several = (self._source[int(place)] for place in places)
        given = np.stack([windows[rng.integers(len(windows))] for windows in several])
        return {
            "given": torch.from_numpy(given),
            "mos": self._mos[places],
            "groups": self._groups[places],
        }

    def __len__(self) -> int:
        return self._sampler.steps_per_epoch


class C2fTask:
    """The fusion over time learns at one rate, the spatial module at a share of it, or not."""

    workers = 0

    def __init__(self, recipe: C2fRecipe) -> None:
        self.loop = recipe.loop
        self.average_decay = recipe.optim.average_decay
        self._optim = recipe.optim

    def loss(self, model: Any, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute the loss of a batch of `ClipBatches` under a `C2f`."""
        settings, groups = self._optim, batch["groups"]
        features = clip_features(model, batch["given"])
        predicted = model.head(features)[:, 0]
        parts = {"opinion": opinion_loss(predicted, batch["mos"], beta=settings.beta)}
        loss = parts["opinion"]
        # A part without weight is left out: it would cost time, and its curve would mislead.
        if settings.coarse_weight:
            parts["coarse"] = group_contrastive(features, groups)
            loss = loss + settings.coarse_weight * parts["coarse"]
        if settings.fine_weight:
            margin = settings.margin
            parts["fine"] = within_group_rank(predicted, batch["mos"], groups, margin=margin)
            loss = loss + settings.fine_weight * parts["fine"]
        return loss, parts

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Make AdamW; the spatial module is a group of its own."""
        share = self._optim.spatial_share
        spatial = list(model.get_submodule("spatial").parameters())
        rest = [p for name, p in model.named_parameters() if not name.startswith("spatial.")]
        groups = [{"params": rest, "share": 1.0}]
        if share:
            groups.append({"params": spatial, "share": share})
        return torch.optim.AdamW(groups, lr=0.0, weight_decay=self._optim.weight_decay, fused=True)

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Rise linearly over the warm-up, fall along a cosine."""
        rise = min(1.0, (step + 1) / max(1, self._optim.warmup_steps))
        rate = self._optim.learning_rate * rise * cosine_share(step, self.loop)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]
