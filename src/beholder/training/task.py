"""From a batch to a loss: regression on photographs, ranking and anchoring on ladders."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from beholder.losses.ladder import anchor_loss, rank_loss
from beholder.losses.regression import correlation_loss, opinion_loss
from beholder.training.recipe import OptimSettings


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
