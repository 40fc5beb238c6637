"""The task of the embedded model: regression on photographs, ranking and anchoring on ladders."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from beholder.losses.ladder import anchor_loss, rank_loss
from beholder.losses.regression import correlation_loss, opinion_loss
from beholder.models.embedded import EmbeddedModel
from beholder.training.recipe import LoopSettings, OptimSettings, Recipe
from beholder.training.schedule import cosine_share
from beholder.training.task import Batch


class EmbeddedTask:
    """Trunk and head learn at rates of their own; the trunk rests at first."""

    workers = 1

    def __init__(self, recipe: Recipe) -> None:
        self.loop = recipe.loop
        self.average_decay = recipe.optim.average_decay
        self._optim = recipe.optim

    def loss(self, model: nn.Module, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute `quality_loss`."""
        return quality_loss(model, batch, self._optim)

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Make AdamW with one group for the trunk and one for the head.

        Raises:
            TypeError: Another network; only this one has such a trunk.
        """
        if not isinstance(model, EmbeddedModel):
            raise TypeError(f"expected an EmbeddedModel, found {type(model).__name__}")
        groups = [
            {"params": model.trunk_parameters(), "peak": self._optim.trunk_learning_rate},
            {"params": list(model.regress.parameters()), "peak": self._optim.head_learning_rate},
        ]
        return torch.optim.AdamW(groups, lr=0.0, weight_decay=self._optim.weight_decay)

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Set learning rates: the trunk rests during the head's steps, then warms up and decays."""
        trunk, head = optimizer.param_groups
        resting = step < self.loop.head_steps
        for parameter in trunk["params"]:
            parameter.requires_grad_(not resting)
        share = 0.0 if resting else trunk_share(step, self.loop, self._optim)
        trunk["lr"] = trunk["peak"] * share
        head["lr"] = head["peak"] * (1.0 if resting else cosine_share(step, self.loop))


def trunk_share(step: int, loop: LoopSettings, optim: OptimSettings) -> float:
    """Return `cosine_share` with a linear rise over the first `warmup_steps` of the trunk."""
    rise = (step - loop.head_steps + 1) / max(1, optim.warmup_steps)
    return min(1.0, rise) * cosine_share(step, loop)


def quality_loss(
    model: nn.Module, batch: dict[str, Tensor], settings: OptimSettings
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the loss of one batch.

    Args:
        model: Maps views [B, 3, H, W] to quality [B, 1].
        batch: As `batches.Batches` gives it.
        settings: Weights of the parts.

    Returns:
        The loss, and its parts by name (unweighted).
    """
    num_photos = len(batch["mos"])
    views = cat_views(batch)
    predicted = model(views).float().squeeze(1)
    photos, rungs = predicted[:num_photos], predicted[num_photos:]
    parts = {
        "opinion": opinion_loss(photos, batch["mos"]),
        "correlation": correlation_loss(photos, batch["mos"]),
    }
    loss = parts["opinion"] + settings.correlation_weight * parts["correlation"]
    if "taught" in batch:
        parts["taught"] = opinion_loss(photos, batch["taught"])
        loss = loss + settings.taught_weight * parts["taught"]
    if len(rungs):
        rungs = rungs.reshape(batch["vmaf"].shape)
        parts["rank"] = rank_loss(rungs, batch["vmaf"])
        parts["anchor"] = anchor_loss(rungs, batch["vmaf"])
        loss = loss + settings.rank_weight * parts["rank"]
        loss = loss + settings.anchor_weight * parts["anchor"]
    return loss, parts


def cat_views(batch: dict[str, Tensor]) -> Tensor:
    """Join photographs and rungs into one batch, so that the network runs once."""
    views = torch.cat([batch["photos"], batch["rungs"]])
    return views.contiguous(memory_format=torch.channels_last)
