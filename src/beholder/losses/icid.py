"""ICID: features of one sample agree between models, features of unlike samples keep apart.

Source: Yuan et al., PTM-VQA, CVPR 2024. The abstract and the captions tell both parts and that
triplets carry the second; distance, margin and the choice of triplets are ours.

Axis letters: M models, B samples, C dimensions of the common space.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor

from beholder.errors import UsageError


def intra_consistency(features: Tensor) -> Tensor:
    """Pull together what different models say of the same sample.

    Args:
        features: [M, B, C] in the common space.

    Returns:
        Mean over samples and pairs of models of 1 - cosine, 0..2; 0 for a single model, which has
        nothing to agree with. A feature of zeros agrees with nothing (cosine 0).

    Raises:
        UsageError: Not three axes, or numbers that are not finite.
    """
    _check(features, axes=3, letters="[M, B, C]")
    num_models = len(features)
    if num_models < 2:
        return features.sum() * 0
    cosines = torch.einsum("mbc,nbc->mnb", *[F.normalize(features, dim=-1)] * 2)
    first, second = torch.triu_indices(num_models, num_models, offset=1)
    return (1 - cosines[first, second]).mean()


def inter_divisibility(features: Tensor, clusters: Tensor, *, margin: float = 0.2) -> Tensor:
    """Push apart samples of different pseudo clusters, by all triplets of a batch.

    A triplet is an anchor, another sample of its cluster and one of another cluster. Its loss is
    `max(0, d(anchor, same) - d(anchor, other) + margin)` with d = 1 - cosine.

    Args:
        features: [..., B, C] in the common space; triplets stay inside the last two axes.
        clusters: Whole numbers [B].
        margin: Above 0.

    Returns:
        Mean over the triplets whose loss is above 0; 0 where there is none, as in a batch of one
        sample, of one cluster, or of clusters with one sample each.

    Raises:
        UsageError: Shapes do not fit, or numbers that are not finite.

    Source:
        Schroff et al., FaceNet, 2015; batch-all as Hermans et al., In Defense of the Triplet Loss,
        2017, section 2.
    """
    _check(features, axes=max(2, features.ndim), letters="[..., B, C]")
    if clusters.shape != features.shape[-2:-1]:
        raise UsageError(
            f"expected a cluster for each of {features.shape[-2]} samples, found "
            f"{list(clusters.shape)}"
        )
    unit = F.normalize(features, dim=-1)
    distances = 1 - unit @ unit.mT
    same = clusters[:, None] == clusters[None]
    others = ~same
    anchors, positives = torch.nonzero(same.fill_diagonal_(False), as_tuple=True)
    losses = distances[..., anchors, positives, None] - distances[..., anchors, :] + margin
    losses = losses.clamp_min(0) * others[anchors]
    return losses.sum() / (losses > 0).sum().clamp_min(1)


def _check(features: Tensor, *, axes: int, letters: str) -> None:
    if features.ndim != axes or not torch.isfinite(features).all():
        raise UsageError(
            f"expected finite features {letters}, found shape {list(features.shape)} with "
            f"{int((~torch.isfinite(features)).sum())} numbers that are not finite; "
            "look for broken inputs, or lower the learning rate"
        )
