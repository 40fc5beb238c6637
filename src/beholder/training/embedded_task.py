"""The task of the embedded model: regression on photographs, ranking and anchoring on ladders."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from beholder.losses.ladder import anchor_loss, rank_loss
from beholder.losses.regression import correlation_loss, opinion_loss
from beholder.models.embedded import Config, EmbeddedModel, build
from beholder.training.recipe import EmbeddedSettings, OptimSettings, Recipe
from beholder.training.schedule import warm_cosine_share
from beholder.training.task import Batch


def build_embedded(settings: EmbeddedSettings) -> EmbeddedModel:
    """Build the network of a recipe with random weights.

    Raises:
        UnknownName: It names a trunk that there is not.
    """
    return build(
        Config(
            trunks=settings.names(),
            members=settings.members,
            hidden=settings.hidden,
            width=settings.width,
        )
    )


class EmbeddedTask:
    """Trunks and head learn at rates of their own, after the head's first lesson."""

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
        """Rise linearly at first, then decay."""
        share = warm_cosine_share(step, self.loop, warmup_steps=self._optim.warmup_steps)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * share


def quality_loss(
    model: nn.Module, batch: dict[str, Tensor], settings: OptimSettings
) -> tuple[Tensor, dict[str, Tensor]]:
    """Compute the loss of one batch.

    Args:
        model: Maps views [B, 3, H, W] to the quality that each member of its head says, [B, E].
        batch: As `batches.Batches` or `embedded_head.FeatureBatches` gives it; `mos` is not a
            number where nobody rated, `told` (where it is there) what a trained model says of each
            of the rungs.
        settings: Weights of the parts.

    Returns:
        The loss, and its parts by name (unweighted); means over members, each of which learns
        for itself.
    """
    said = model(cat_views(batch)).float()
    each = [_parts(predicted, batch) for predicted in said.unbind(1)]
    parts = {name: torch.stack([part[name] for part in each]).mean() for name in each[0]}
    weights = {
        "opinion": 1.0,
        "correlation": settings.correlation_weight,
        "taught": settings.taught_weight,
        "told": settings.told_weight,
        "rank": settings.rank_weight,
        "anchor": settings.anchor_weight,
    }
    loss = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
    return loss, parts


def _parts(predicted: Tensor, batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """Compute the parts of the loss of one member's predictions, [B]."""
    num_photos = len(batch["mos"])
    photos, rungs = predicted[:num_photos], predicted[num_photos:]
    rated = batch["mos"].isfinite()
    parts = {
        "opinion": opinion_loss(photos[rated], batch["mos"][rated]),
        "correlation": correlation_loss(photos[rated], batch["mos"][rated]),
    }
    if "taught" in batch:
        parts["taught"] = opinion_loss(photos, batch["taught"])
    if "told" in batch:
        parts["told"] = opinion_loss(rungs, batch["told"])
    if len(rungs):
        # Of several looks at a frame the scorer takes the mean.
        num_groups, num_rungs = batch["vmaf"].shape
        rungs = rungs.reshape(num_groups, -1, num_rungs).mean(1)
        parts["rank"] = rank_loss(rungs, batch["vmaf"])
        parts["anchor"] = anchor_loss(rungs, batch["vmaf"])
    return parts


def cat_views(batch: dict[str, Tensor]) -> Tensor:
    """Join photographs and rungs into one batch, so that the network runs once."""
    views = torch.cat([batch["photos"], batch["rungs"]])
    if views.ndim != 4:
        return views  # features
    return views.contiguous(memory_format=torch.channels_last)
