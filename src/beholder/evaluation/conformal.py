"""Intervals that hold for new items whatever the model: split conformal prediction."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.pairs import check_pair

ROUNDING = 1e-9
"""Keeps 0.9 * 10 from being taken for a number above 9."""


def conformal_half_width(
    predicted: npt.ArrayLike,
    mos: npt.ArrayLike,
    *,
    coverage: float = 0.9,
    confidence: float | None = None,
) -> float:
    """Find the half width h for which `predicted ± h` holds a new opinion with the given chance.

    The promise holds for items drawn like the calibration items, on average over both; it says
    nothing about one subset, nor about other kinds of media.

    Args:
        predicted: Predictions for calibration items that took no part in training, [items].
        mos: Their opinions, in the same unit.
        coverage: Wanted share of opinions inside, between 0 and 1.
        confidence: None promises the coverage on average over calibration parts. A number between
            0 and 1 promises it for this very one, with that probability; the interval is wider.

    Returns:
        The k-th smallest absolute error in the unit of `mos`: k = ceil((items + 1) * coverage), or
        with a confidence the least k for which a binomial count of `items` at `coverage` stays
        below k with that probability.

    Raises:
        DataError: As `check_pair`; a coverage out of range; or so few items that no finite
            interval gives the coverage.

    Source:
        Lei et al., Distribution-Free Predictive Inference for Regression, JASA 113 (2018),
        algorithm 2; with a confidence, Vovk, Conditional Validity of Inductive Conformal
        Predictors, ACML 2012, proposition 2a.
    """
    first, second = check_pair(predicted, mos)
    for share in (coverage, 0.5 if confidence is None else confidence):
        if not 0 < share < 1:
            raise DataError(f"expected a coverage between 0 and 1, found {share}; 0.9 is usual")
    rank, needed = _rank(first.size, coverage, confidence)
    if rank > first.size:
        raise DataError(
            f"expected at least {needed} calibration items for a coverage of {coverage:g}, "
            f"found {first.size}; give more or ask for less coverage"
        )
    errors = np.sort(np.abs(first - second))
    return float(errors[rank - 1])


def _rank(num_items: int, coverage: float, confidence: float | None) -> tuple[int, int]:
    """Return which error is the half width, counted from 1, and how many items are needed."""
    if confidence is None:
        needed = math.ceil(coverage / (1 - coverage) - ROUNDING)
        return math.ceil((num_items + 1) * coverage - ROUNDING), needed
    from scipy.stats import binom

    needed = math.ceil(math.log(1 - confidence) / math.log(coverage) - ROUNDING)
    return int(binom.ppf(confidence, num_items, coverage)) + 1, needed


def empirical_coverage(predicted: npt.ArrayLike, mos: npt.ArrayLike, *, half_width: float) -> float:
    """Count how often an opinion lies inside its interval, ends included.

    Args:
        predicted: Predictions, [items].
        mos: Opinions, in the same unit.
        half_width: Of the interval, 0 or more, in the same unit.

    Returns:
        Share of the items, 0..1.

    Raises:
        DataError: As `check_pair`, or a half width that is negative or not finite.
    """
    first, second = check_pair(predicted, mos)
    if not (math.isfinite(half_width) and half_width >= 0):
        raise DataError(f"expected a half width of 0 or more, found {half_width}; calibrate again")
    return float(np.mean(np.abs(first - second) <= half_width))
