"""How much of people's opinion a frozen model's features hold: a linear probe.

Axis letters: N items, D features.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.correlation import srcc
from beholder.evaluation.davies_bouldin import Floats, normalised
from beholder.evaluation.pairs import check_vector

PENALTY = 0.3
"""Of the ridge, for each feature; features are standardised."""
CLIP_DEVIATIONS = 3.0


def ridge_predict(
    train: npt.ArrayLike, mos: npt.ArrayLike, test: npt.ArrayLike, *, penalty: float = PENALTY
) -> Floats:
    """Fit a ridge regression on features that are standardised and clipped; predict others.

    Args:
        train: Features to learn from, [N, D], finite.
        mos: Their opinions, [N].
        test: Features to predict for, [items, D].
        penalty: For each feature, above 0.

    Returns:
        float64 [items].

    Raises:
        DataError: Shapes do not fit, or numbers that are not finite.
    """
    known, wanted = normalised(train, "none"), normalised(test, "none")
    opinions = check_vector(mos, "opinions", min_items=2)
    if len(known) != opinions.size or known.shape[1] != wanted.shape[1]:
        raise DataError(
            f"expected one opinion for each of {len(known)} items and {known.shape[1]} features "
            f"on both sides, found {opinions.size} and {wanted.shape[1]}"
        )
    mean, deviation = known.mean(axis=0), known.std(axis=0)
    scale = 1 / np.where(deviation > 0, deviation, np.inf)
    left, right = (
        np.clip((values - mean) * scale, -CLIP_DEVIATIONS, CLIP_DEVIATIONS)
        for values in (known, wanted)
    )
    # The smaller of the two equal systems: one unknown per item, or one per feature.
    weight = penalty * known.shape[1]
    centered = opinions - opinions.mean()
    if left.shape[0] <= left.shape[1]:
        dual = np.linalg.solve(left @ left.T + weight * np.eye(len(left)), centered)
        slopes = left.T @ dual
    else:
        slopes = np.linalg.solve(left.T @ left + weight * np.eye(left.shape[1]), left.T @ centered)
    predicted: Floats = opinions.mean() + right @ slopes
    return predicted


def probe_srcc(
    features: npt.ArrayLike, mos: npt.ArrayLike, *, contents: Sequence[str], num_folds: int = 5
) -> float:
    """Rank correlation of opinions with a linear probe that has not seen them.

    Args:
        features: [N, D], finite.
        mos: [N].
        contents: Content of each item; items that share it stay in one fold.
        num_folds: Parts that are predicted in turn by a ridge on all others.

    Returns:
        SRCC over all items, -1..1.

    Raises:
        DataError: As `ridge_predict`, or contents too few for the folds.
    """
    values = normalised(features, "none")
    opinions = np.asarray(mos, np.float64)
    names = sorted(set(contents), key=lambda name: hashlib.sha256(name.encode()).digest())
    if len(names) < num_folds or len(contents) != len(values):
        raise DataError(
            f"expected a content for each of {len(values)} items, {num_folds} different ones or "
            f"more, found {len(contents)} with {len(names)} different; give more items"
        )
    fold_of = {name: place % num_folds for place, name in enumerate(names)}
    folds = np.array([fold_of[content] for content in contents])
    predicted = np.empty(len(values))
    for fold in range(num_folds):
        out = folds == fold
        predicted[out] = ridge_predict(values[~out], opinions[~out], values[out])
    return srcc(predicted, opinions)
