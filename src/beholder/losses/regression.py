"""Losses against a mean opinion."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor


def opinion_loss(predicted: Tensor, mos: Tensor, *, beta: float = 0.1) -> Tensor:
    """Smooth L1 in units of `beta`: quadratic for errors below it, linear above.

    Args:
        predicted: [items], about 0..1.
        mos: [items], 0..1.
        beta: Error at which the loss turns from quadratic to linear.

    Source:
        Girshick, Fast R-CNN, 2015, with PyTorch's beta; divided by beta, so that the linear part
        has slope 1 / beta.
    """
    return F.smooth_l1_loss(predicted, mos, beta=beta) / beta


def correlation_loss(predicted: Tensor, mos: Tensor) -> Tensor:
    """One minus Pearson's correlation over the batch: 0 for perfectly linear, 2 for reversed.

    A constant prediction or opinion counts as no correlation (1).
    """
    first = predicted - predicted.mean()
    second = mos - mos.mean()
    scale = first.norm() * second.norm()
    return 1 - (first * second).sum() / torch.clamp(scale, min=1e-6)
