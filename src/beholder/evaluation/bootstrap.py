"""How far a figure would move if other items of the same kind had been drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError

MAX_UNDEFINED_SHARE = 0.1
"""Resamples on which the figure may be undefined (e.g. all items equal) before we give up."""


def bootstrap_interval(
    figure: Callable[..., Any],
    *columns: npt.ArrayLike,
    num_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Bound a figure with the percentile bootstrap over items.

    Items that are not independent (many encodes of one scene) must be summed up first: give one
    value per scene and `numpy.mean` as the figure.

    Args:
        figure: Called with the resampled columns, in order; returns one number.
        *columns: One or more arrays [items, ...]; the same items are drawn from each.
        num_resamples: Number of draws with replacement.
        level: Share of the draws inside the interval, between 0 and 1.
        seed: Of NumPy's PCG64 generator; the same seed gives the same interval.

    Returns:
        Lower and upper end, in the figure's unit.

    Raises:
        DataError: No column, lengths differ, a setting out of range, or the figure is undefined
            on more than a tenth of the draws.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.

    Example:
        >>> low, high = bootstrap_interval(np.mean, np.arange(100.0))
        >>> low < 49.5 < high
        True
    """
    arrays = _check_columns(columns, num_resamples=num_resamples, level=level)
    num_items = len(arrays[0])
    generator = np.random.Generator(np.random.PCG64(seed))
    values = []
    for _ in range(num_resamples):
        drawn = generator.integers(num_items, size=num_items)
        value = _figure_or_none(figure, [array[drawn] for array in arrays])
        if value is not None:
            values.append(value)
    return percentile_interval(
        values, num_resamples=num_resamples, num_items=num_items, level=level
    )


def percentile_interval(
    values: npt.ArrayLike, *, num_resamples: int, num_items: int, level: float = 0.95
) -> tuple[float, float]:
    """Bound a figure by the middle share of its values on resamples.

    Args:
        values: The figure on each resample on which it is defined, at most `num_resamples`.
        num_resamples: How many resamples were drawn.
        num_items: How many items each was drawn from, for the error text.
        level: Share of the values inside the interval, between 0 and 1.

    Returns:
        Lower and upper end, in the figure's unit.

    Raises:
        DataError: The figure is undefined on more than a tenth of the resamples.
    """
    defined = np.asarray(values, dtype=np.float64)
    if defined.size < (1 - MAX_UNDEFINED_SHARE) * num_resamples:
        raise DataError(
            f"expected a figure that is defined on most resamples, "
            f"found {num_resamples - defined.size} of {num_resamples} undefined; "
            f"give more than {num_items} items or more varied ones"
        )
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _check_columns(
    columns: tuple[npt.ArrayLike, ...], *, num_resamples: int, level: float
) -> list[npt.NDArray[Any]]:
    arrays = [np.asarray(column) for column in columns]
    lengths = {array.shape[0] if array.ndim else 0 for array in arrays}
    if len(lengths) != 1 or lengths == {0}:
        raise DataError(
            f"expected columns of one common length, found {sorted(lengths)}; align them"
        )
    if num_resamples < 1 or not 0 < level < 1:
        raise DataError(
            f"expected at least one resample and a level between 0 and 1, "
            f"found {num_resamples} and {level}; change them"
        )
    return arrays


def _figure_or_none(figure: Callable[..., Any], columns: list[npt.NDArray[Any]]) -> float | None:
    try:
        return float(figure(*columns))
    except DataError:
        return None
