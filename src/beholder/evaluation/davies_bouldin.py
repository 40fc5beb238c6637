"""Davies-Bouldin index of features under pseudo clusters by opinion, and weights from it.

Axis letters: N items, D features, K clusters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError, UsageError
from beholder.evaluation.pairs import check_vector

Bins = Literal["width", "count"]
Normalise = Literal["none", "l2", "zscore"]

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]

_CONSTANT = 1e-12
"""A feature that spreads less than this around its mean carries nothing."""


def opinion_edges(mos: npt.ArrayLike, *, num_clusters: int = 6, bins: Bins = "width") -> Floats:
    """Return the inner borders between pseudo clusters of opinions.

    Args:
        mos: Opinions, [items], that are not all equal.
        num_clusters: K, at least 2.
        bins: `width`: equal ranges of opinion; `count`: about equally many items.

    Returns:
        float64 [K - 1], rising. `numpy.digitize(mos, edges)` gives clusters 0..K-1.

    Raises:
        DataError: Opinions not finite or all equal.
        UsageError: Fewer than 2 clusters, or bins of another name.
    """
    values = check_vector(mos, "opinions", min_items=2)
    if num_clusters < 2 or bins not in get_args(Bins):
        raise UsageError(
            f"expected 2 or more clusters with bins {' or '.join(get_args(Bins))}, found "
            f"{num_clusters} and {bins!r}; 6 of equal width are the paper's"
        )
    if np.ptp(values) == 0:
        raise DataError("expected opinions that differ, found one value; clusters need a range")
    shares = np.arange(1, num_clusters) / num_clusters
    edges: Floats = (
        np.quantile(values, shares) if bins == "count" else values.min() + shares * np.ptp(values)
    )
    return edges


def pseudo_clusters(mos: npt.ArrayLike, *, num_clusters: int = 6, bins: Bins = "width") -> Labels:
    """Put items into pseudo clusters by their opinion.

    Empty clusters are dropped. A cluster of one item joins the nearest one below it, the lowest
    one the nearest above.

    Args:
        mos: As `opinion_edges`.
        num_clusters: As `opinion_edges`.
        bins: As `opinion_edges`.

    Returns:
        int64 [items], numbered 0.. without gaps, rising with the opinion.

    Raises:
        DataError: As `opinion_edges`, or all items end in one cluster.
    """
    edges = opinion_edges(mos, num_clusters=num_clusters, bins=bins)
    labels = np.unique(np.digitize(np.asarray(mos, np.float64), edges), return_inverse=True)[1]
    counts = np.bincount(labels)
    while counts.size > 1 and counts.min() < 2:
        lonely = int(np.flatnonzero(counts < 2)[0])
        # Numbers have no gaps, so taking one off this and all higher ones joins two neighbours.
        labels = labels - (labels >= max(lonely, 1))
        counts = np.bincount(labels)
    if counts.size < 2:
        raise DataError(
            f"expected items in two or more clusters, found all {labels.size} in one; "
            "give more items or fewer clusters"
        )
    return labels.astype(np.int64)


def normalised(features: npt.ArrayLike, how: Normalise) -> Floats:
    """Bring features to a common scale before distances are taken.

    Args:
        features: [items, features], finite.
        how: `none`; `l2`: each item to length 1 (zero stays zero); `zscore`: each feature to mean
            0 and deviation 1 (constant ones to 0).

    Raises:
        DataError: Another shape, or numbers that are not finite.
    """
    values = np.array(features, np.float64)
    if values.ndim != 2 or 0 in values.shape or not np.isfinite(values).all():
        raise DataError(
            f"expected finite features [items, features], found shape {list(values.shape)} with "
            f"{int((~np.isfinite(values)).sum())} numbers that are not finite; extract them again"
        )
    if how == "l2":
        lengths = np.linalg.norm(values, axis=1, keepdims=True)
        return values / np.where(lengths > 0, lengths, 1)
    if how == "zscore":
        deviations = values.std(axis=0)
        scale = np.where(deviations > _CONSTANT, deviations, np.inf)
        scaled: Floats = (values - values.mean(axis=0)) / scale
        return scaled
    return values


def davies_bouldin(features: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Measure how badly clusters overlap: the mean, over clusters, of the worst neighbour.

    Args:
        features: [items, features], finite.
        labels: Cluster of each item, whole numbers [items].

    Returns:
        0 for clusters that are points, larger for worse; infinite where two clusters that are not
        points have the same centre (as when all features are constant and add nothing, which
        gives infinity too).

    Raises:
        DataError: Shapes do not fit, fewer than two clusters, or numbers that are not finite.

    Source:
        Davies and Bouldin, A Cluster Separation Measure, 1979, with q = 1 and p = 2. Equal to
        scikit-learn's `davies_bouldin_score` but for coinciding centres, which it counts as 0.
    """
    values = normalised(features, "none")
    clusters, places = np.unique(np.asarray(labels), return_inverse=True)
    if places.size != len(values) or clusters.size < 2:
        raise DataError(
            f"expected a cluster for each of {len(values)} items, two or more in all, found "
            f"{places.size} labels of {clusters.size} clusters"
        )
    counts = np.bincount(places)[:, None]
    member = np.eye(clusters.size)[places]
    centers = member.T @ values / counts
    spreads = member.T @ np.linalg.norm(values - centers[places], axis=1) / counts[:, 0]
    gaps = np.linalg.norm(centers[:, None] - centers[None], axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        overlap = (spreads[:, None] + spreads[None]) / gaps
    # Two points in one place overlap wholly, though 0 / 0 does not say so.
    overlap[np.isnan(overlap)] = np.inf
    np.fill_diagonal(overlap, -np.inf)
    return float(overlap.max(axis=1).mean())


def inverse_weights(indices: npt.ArrayLike) -> Floats:
    """Turn Davies-Bouldin indices into fusion weights: `(1 / dbi) / sum(1 / dbi)`.

    Args:
        indices: [models], above 0; infinite ones get no weight.

    Raises:
        DataError: An index that is not above 0, or none that is finite.
    """
    values = np.asarray(indices, np.float64)
    if values.ndim != 1 or not (values > 0).all() or not np.isfinite(values).any():
        raise DataError(
            f"expected indices above 0, one of them finite at least, found {values.tolist()}; "
            "models whose features are constant have none"
        )
    weights: Floats = (1 / values) / (1 / values).sum()
    return weights


def choose_models(
    costs: Mapping[str, float],
    pretexts: Mapping[str, str],
    *,
    num_models: int = 3,
    most_alike: int = 2,
) -> tuple[str, ...]:
    """Take the models of lowest cost, not too many of one pre-task.

    Args:
        costs: Model to a figure of which less is better, e.g. its index; infinite: never.
        pretexts: Model to what it was trained for; a model without one stands alone.
        num_models: How many at most.
        most_alike: How many of one pre-task at most.

    Returns:
        Names, the best first; fewer than asked for where the pool has no more.

    Raises:
        UsageError: No model asked for, or none that has a finite cost.
    """
    taken: list[str] = []
    for name in sorted(costs, key=lambda name: (costs[name], name)):
        pretext = pretexts.get(name, "")
        alike = [other for other in taken if pretext and pretexts.get(other, "") == pretext]
        if len(taken) < num_models and len(alike) < most_alike and np.isfinite(costs[name]):
            taken.append(name)
    if not taken:
        raise UsageError(
            f"expected one model or more to choose from {len(costs)} with a finite index, found "
            f"{num_models} asked for; see beholder pool rank"
        )
    return tuple(taken)
