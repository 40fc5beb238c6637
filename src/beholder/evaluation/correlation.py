"""How well predictions agree with opinions: SRCC, KRCC, PLCC and RMSE.

The figures are those of ITU-T P.1401 (2020), section 7. SRCC and KRCC need no map between the
scales; PLCC and RMSE are usually reported after `logistic.fit_logistic`, and the caller says so in
the figure's name.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from beholder.evaluation.pairs import Vector, check_pair, check_varies, check_vector


def average_ranks(values: npt.ArrayLike) -> Vector:
    """Rank values from 1; equal values share the mean of their ranks.

    Args:
        values: [items], at least one.

    Returns:
        Ranks, float64 [items].

    Raises:
        DataError: No item, or a value that is not finite.
    """
    vector = check_vector(values, "values", min_items=1)
    order = np.argsort(vector, kind="stable")
    ordered = vector[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.r_[starts[1:], vector.size]
    ranks = np.empty_like(vector)
    ranks[order] = np.repeat((starts + ends + 1) / 2, ends - starts)
    return ranks


def srcc(predicted: npt.ArrayLike, mos: npt.ArrayLike) -> float:
    """Compute Spearman's rank correlation, ties sharing their mean rank.

    Args:
        predicted: What a model says, [items], at least 3, any scale.
        mos: What people say, [items].

    Returns:
        -1 (reversed order) to 1 (same order).

    Raises:
        DataError: Lengths differ, fewer than 3 items, a value not finite, or a constant input.

    Source:
        Spearman, American Journal of Psychology 15 (1904); as Pearson's figure of the ranks.
    """
    first, second = _varying_pair(predicted, mos)
    return _pearson(average_ranks(first), average_ranks(second))


def krcc(predicted: npt.ArrayLike, mos: npt.ArrayLike) -> float:
    """Compute Kendall's rank correlation tau-b, which corrects for ties.

    Args:
        predicted: What a model says, [items], at least 3, any scale.
        mos: What people say, [items].

    Returns:
        -1 (all pairs reversed) to 1 (all pairs in order).

    Raises:
        DataError: As for `srcc`.

    Source:
        Kendall, Biometrika 33 (1945).
    """
    from scipy.stats import kendalltau

    first, second = _varying_pair(predicted, mos)
    return float(kendalltau(first, second).statistic)


def plcc(predicted: npt.ArrayLike, mos: npt.ArrayLike) -> float:
    """Compute Pearson's linear correlation.

    Args:
        predicted: What a model says, [items], at least 3, on the scale of `mos` up to a line.
        mos: What people say, [items].

    Returns:
        -1 (falling line) to 1 (rising line).

    Raises:
        DataError: As for `srcc`.
    """
    first, second = _varying_pair(predicted, mos)
    return _pearson(first, second)


def rmse(predicted: npt.ArrayLike, mos: npt.ArrayLike) -> float:
    """Compute the root of the mean squared error.

    Args:
        predicted: What a model says, [items], at least 3, on the scale of `mos`.
        mos: What people say, [items].

    Returns:
        The error in the unit of `mos`, 0 or more. The mean runs over all items, without the
        correction for fitted parameters that ITU-T P.1401 allows.

    Raises:
        DataError: Lengths differ, fewer than 3 items, or a value not finite.
    """
    first, second = check_pair(predicted, mos)
    return float(np.sqrt(np.mean((first - second) ** 2)))


def _varying_pair(predicted: npt.ArrayLike, mos: npt.ArrayLike) -> tuple[Vector, Vector]:
    first, second = check_pair(predicted, mos)
    check_varies(first, "predicted")
    check_varies(second, "mos")
    return first, second


def _pearson(first: Vector, second: Vector) -> float:
    first = first - first.mean()
    second = second - second.mean()
    # Scaled to unit peak so that squares of very small or large values neither vanish nor overflow.
    first = first / np.abs(first).max()
    second = second / np.abs(second).max()
    value = float(first @ second / np.sqrt((first @ first) * (second @ second)))
    return min(1.0, max(-1.0, value))
