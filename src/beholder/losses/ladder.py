"""Losses on compression ladders: the same picture at several qualities, no human score.

Axis letters: G groups (one picture each), R rungs; rung 0 is the source.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

MIN_GAP = 2.0
"""Rungs whose VMAF differs by less are not ranked: people could not either."""


def rank_loss(predicted: Tensor, vmaf: Tensor, *, temperature: float = 0.05) -> Tensor:
    """Ask that within a group more VMAF means more predicted quality.

    Each pair adds `softplus(-difference / temperature)`, weighted by the VMAF gap up to 20 points.

    Args:
        predicted: [G, R], about 0..1.
        vmaf: [G, R], 0..100.
        temperature: Difference of predictions that counts as clearly apart.

    Returns:
        Weighted mean over all pairs; 0 where no pair is apart.

    Source:
        RankNet (Burges et al., 2005) with weights by the gap.
    """
    gap = vmaf[:, :, None] - vmaf[:, None, :]
    difference = predicted[:, :, None] - predicted[:, None, :]
    weight = torch.where(gap > MIN_GAP, (gap / 20).clamp(max=1), 0.0)
    pairs = weight * F.softplus(-difference / temperature)
    return pairs.sum() / weight.sum().clamp(min=1e-6)


def anchor_loss(predicted: Tensor, vmaf: Tensor, *, beta: float = 0.1) -> Tensor:
    """Ask that a rung keeps the share of its source's quality that VMAF says.

    The target of rung r is `predicted[:, 0] * vmaf[r] / vmaf[0]`, the source's own prediction
    taken as given: VMAF is linear in opinion, 100 standing for the undistorted source.

    Args:
        predicted: [G, R]; column 0 is the source.
        vmaf: [G, R], 0..100.
        beta: As in `regression.opinion_loss`.
    """
    source = predicted[:, :1].detach().clamp(0, 1)
    target = source * vmaf[:, 1:] / vmaf[:, :1].clamp(min=1.0)
    return F.smooth_l1_loss(predicted[:, 1:], target, beta=beta) / beta
