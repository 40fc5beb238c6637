"""How much better one thing is than another, measured on the same items."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.pairs import check_vector


class PairedMean(NamedTuple):
    """A mean difference and how far it can be off."""

    difference: float
    half_width: float
    """Of the interval around the difference; 0 for a single pair, which tells nothing of it."""


def paired_mean(first: npt.ArrayLike, second: npt.ArrayLike, *, level: float = 0.9) -> PairedMean:
    """Estimate the mean of `first - second` over items that belong together.

    What items share (a hard scene, a good frame) cancels out, so this interval is much narrower
    than those of the two means.

    Args:
        first: One value per item, [items], at least one.
        second: Values of the same items in the same order, [items].
        level: Two-sided coverage of the interval, between 0 and 1.

    Raises:
        DataError: Lengths differ, no items, or a value that is not finite.

    Source:
        Student's paired t interval: mean(d) +/- t(n - 1, (1 + level) / 2) * std(d) / sqrt(n).

    Example:
        >>> paired_mean([5, 6, 7], [4, 5, 6])
        PairedMean(difference=1.0, half_width=0.0)
    """
    left = check_vector(first, "the first values", min_items=1)
    right = check_vector(second, "the second values", min_items=1)
    if left.size != right.size:
        raise DataError(
            f"expected as many first as second values, found {left.size} and {right.size}; "
            "align them"
        )
    differences = left - right
    mean = float(differences.mean())
    if differences.size == 1:
        return PairedMean(mean, 0.0)
    from scipy.special import stdtrit

    quantile = float(stdtrit(differences.size - 1, (1 + level) / 2))
    error = float(np.std(differences, ddof=1)) / math.sqrt(differences.size)
    return PairedMean(mean, quantile * error)
