"""Coarse to fine: groups of rates keep apart, and inside a group quality still has an order.

Yu et al., *Video Quality Assessment Based on Swin Transformer V2 and Coarse to Fine Strategy*, DCC
2024, after Roy et al., *Test Time Adaptation for Blind Image Quality Assessment*, ICCV 2023. The
paper names both terms; the equations of the first are the cited work's, groups by rate in place of
groups by predicted score are the paper's, all pairs of groups are ours.

Axis letters: B clips, D features, G groups.
"""

from __future__ import annotations

import functools
import logging
from itertools import combinations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

from beholder.errors import UsageError

log = logging.getLogger(__name__)

MIN_GAP = 0.02
"""Opinions, in 0..1, that differ by less are not ranked."""


def group_contrastive(features: Tensor, groups: Tensor, *, temperature: float = 0.1) -> Tensor:
    """Coarse: pull clips of one group together, push those of another away.

    For clip i of group g and another group h, with cosines c and temperature t: same = the mean of
    c_ij over the others j of g, other = the sum of exp(c_ik / t) over k of h, and
    r_i = exp(same / t) / (exp(same / t) + other). The loss of the two groups is -log of the mean of
    r_i over both, and the whole is the mean over all pairs of groups.

    Args:
        features: [B, D], of any length.
        groups: Whole numbers [B].
        temperature: Above 0.

    Returns:
        A number; 0 with a warning, told once, where fewer than two groups have two clips.

    Raises:
        UsageError: Shapes do not fit, or features that are not finite.

    Source:
        Roy et al., ICCV 2023, group contrastive loss.
    """
    _check(features, groups, axes=2)
    members = [torch.nonzero(groups == group)[:, 0] for group in groups.unique()]
    # A clip alone in its group has nothing to be near to.
    members = [places for places in members if len(places) > 1]
    if len(members) < 2:
        _warn_once("coarse", "fewer than two groups with two clips each")
        return features.sum() * 0
    unit = F.normalize(features, dim=1)
    cosines = unit @ unit.T / temperature
    terms = [_two_groups(cosines, first, second) for first, second in combinations(members, 2)]
    return torch.stack(terms).mean()


def within_group_rank(
    predicted: Tensor, mos: Tensor, groups: Tensor, *, margin: float = 0.0
) -> Tensor:
    """Fine: inside a group, the clip with the better opinion is predicted better.

    Args:
        predicted: [B], about 0..1.
        mos: [B], 0..1.
        groups: Whole numbers [B].
        margin: By how much the better one should lead, in units of `predicted`.

    Returns:
        Mean over pairs of max(0, margin - lead), where opinions differ by `MIN_GAP` or more; 0 with
        a warning, told once, where there is no such pair, as in a batch of one clip per group.

    Raises:
        UsageError: Shapes do not fit, or predictions that are not finite.
    """
    _check(predicted, groups, axes=1)
    first, second = torch.triu_indices(len(groups), len(groups), offset=1, device=groups.device)
    gap = mos[first] - mos[second]
    # In float32, opinions 0.02 apart may come out a hair nearer.
    ranked = (groups[first] == groups[second]) & (gap.abs() >= MIN_GAP - 1e-6)
    if not ranked.any():
        _warn_once("fine", f"no two clips of a group whose opinions differ by {MIN_GAP}")
        return predicted.sum() * 0
    lead = gap.sign() * (predicted[first] - predicted[second])
    return (margin - lead)[ranked].clamp_min(0).mean()


def _two_groups(cosines: Tensor, first: Tensor, second: Tensor) -> Tensor:
    shares = torch.cat([_shares(cosines, first, second), _shares(cosines, second, first)])
    # The mean of shares as a sum of logarithms: far-away groups would underflow otherwise.
    return torch.log(torch.tensor(len(shares))) - torch.logsumexp(shares, 0)


def _shares(cosines: Tensor, own: Tensor, other: Tensor) -> Tensor:
    """Return the logarithm of r_i of each clip of a group."""
    near = cosines[own][:, own]
    same = (near.sum(1) - near.diagonal()) / (len(own) - 1)
    away = torch.logsumexp(cosines[own][:, other], dim=1)
    return same - torch.logaddexp(same, away)


def _check(values: Tensor, groups: Tensor, *, axes: int) -> None:
    if values.ndim != axes or groups.shape != values.shape[:1]:
        raise UsageError(
            f"expected {axes} axes and a group for each clip, found shapes {list(values.shape)} "
            f"and {list(groups.shape)}; align them"
        )
    if not torch.isfinite(values).all():
        raise UsageError(
            "expected finite numbers, found some that are not; look for broken inputs, or lower "
            "the learning rate"
        )


@functools.cache
def _warn_once(term: str, reason: str) -> None:
    log.warning("the %s term counts 0 in a batch with %s; draw other batches", term, reason)
