"""Outlier ratio: how often a prediction misses by more than people differ."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.kinds import FigureKind
from beholder.evaluation.pairs import Vector, check_each
from beholder.evaluation.resample import mean_of_counts


def outlier_kinds(
    mos_std: npt.ArrayLike | None, num_votes: npt.ArrayLike | None, *, num_items: int
) -> dict[str, FigureKind]:
    """Prepare the outlier ratio by each definition that the data allow.

    Args:
        mos_std: Standard deviation of the opinions on each item, [items], 0 or more.
        num_votes: How many people rated each item, [items] or one number, at least 2.
        num_items: How many items there are.

    Returns:
        `outlier_ratio_2std`: share of errors beyond twice the standard deviation of the opinions.
        With votes also `outlier_ratio_ci95`: beyond half the 95 % confidence interval of the mean
        opinion, by Student's t with votes - 1 degrees of freedom. Errors are those after the
        logistic with 4 parameters. Nothing without a spread.

    Raises:
        DataError: Votes without a spread, lengths differ, a spread is negative, an item has fewer
            than 2 votes, or a value is not finite.

    Source:
        2std: VQEG FR-TV Phase I final report (2000). ci95: ITU-T P.1401.
    """
    if mos_std is None:
        if num_votes is not None:
            raise DataError("expected mos_std beside num_votes, found none; give both or neither")
        return {}
    spread = check_each(mos_std, "mos_std", num_items=num_items, least=0)
    kinds = {"outlier_ratio_2std": _kind(2 * spread)}
    if num_votes is not None:
        from scipy.stats import t

        votes = check_each(num_votes, "num_votes", num_items=num_items, least=2)
        kinds["outlier_ratio_ci95"] = _kind(t.ppf(0.975, votes - 1) * spread / np.sqrt(votes))
    return kinds


def _kind(limit: Vector) -> FigureKind:
    def is_outlier(mapped: Vector, mos: Vector) -> Vector:
        return np.asarray(np.abs(mapped - mos) > limit, dtype=np.float64)

    return FigureKind(
        scale="fitted",
        value=lambda mapped, mos: float(np.mean(is_outlier(mapped, mos))),
        of_counts=lambda mapped, mos: mean_of_counts(is_outlier(mapped, mos)),
        is_error=True,
    )
