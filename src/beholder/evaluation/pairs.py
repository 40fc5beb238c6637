"""The one check that all figures share: predictions and opinions belong together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError

Vector = npt.NDArray[np.float64]
"""float64 [items]."""


def check_vector(values: npt.ArrayLike, name: str, *, min_items: int = 3) -> Vector:
    """Turn values into a finite float64 vector of enough items.

    Args:
        values: Anything that NumPy reads as [items].
        name: What the values are, for the error text.
        min_items: Fewest items allowed.

    Returns:
        The values, float64 [items].

    Raises:
        DataError: No numbers, another shape, too few items, or a value that is not finite.
    """
    try:
        vector = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"expected numbers in {name}, found something else: {error}") from error
    if vector.ndim != 1:
        raise DataError(
            f"expected {name} as one row of numbers, found shape {vector.shape}; flatten it"
        )
    if vector.size < min_items:
        raise DataError(
            f"expected at least {min_items} items in {name}, found {vector.size}; give more"
        )
    num_bad = int(np.count_nonzero(~np.isfinite(vector)))
    if num_bad:
        raise DataError(
            f"expected finite numbers in {name}, found {num_bad} of {vector.size} that are "
            "NaN or infinite; remove or repair those items"
        )
    return vector


def check_pair(
    predicted: npt.ArrayLike, mos: npt.ArrayLike, *, min_items: int = 3
) -> tuple[Vector, Vector]:
    """Check that predictions and opinions are finite and of equal length.

    Args:
        predicted: What a model says, [items].
        mos: What people say (or a full-reference measure), [items].
        min_items: Fewest items allowed.

    Returns:
        Both as float64 [items].

    Raises:
        DataError: One of them fails `check_vector`, or their lengths differ.
    """
    first = check_vector(predicted, "predicted", min_items=min_items)
    second = check_vector(mos, "mos", min_items=min_items)
    if first.size != second.size:
        raise DataError(
            f"expected one prediction for each opinion, "
            f"found {first.size} predicted and {second.size} mos; align them"
        )
    return first, second


def check_varies(values: Vector, name: str) -> None:
    """Refuse a constant vector, for which no correlation is defined.

    Raises:
        DataError: All values are equal.
    """
    if values.max() == values.min():
        raise DataError(
            f"expected {name} that vary, found {values.size} times {values[0]:g}; "
            "a correlation is not defined for a constant"
        )


def check_each(values: npt.ArrayLike, name: str, *, num_items: int, least: float) -> Vector:
    """Check a value of each item; one number stands for all items.

    Args:
        values: [items] or one number.
        name: What the values are, for the error text.
        num_items: How many items there are.
        least: Smallest value allowed.

    Returns:
        float64 [items].

    Raises:
        DataError: As `check_vector`, another length, or a value below `least`.
    """
    if np.ndim(values) == 0:
        values = np.full(num_items, values)
    vector = check_vector(values, name, min_items=1)
    if vector.size != num_items:
        raise DataError(
            f"expected one {name} for each of {num_items} items, found {vector.size}; align them"
        )
    if vector.min() < least:
        raise DataError(
            f"expected {name} of at least {least}, found {vector.min():g}; "
            "leave those items out, or go without them"
        )
    return vector
