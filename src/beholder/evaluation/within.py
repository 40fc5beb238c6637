"""Does quality rise where it should: rank correlation inside groups, e.g. encodes of a scene."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.correlation import srcc
from beholder.evaluation.pairs import check_pair

MIN_GROUP_ITEMS = 3

Key = TypeVar("Key", bound=Hashable)


def within_group_srcc(
    predicted: npt.ArrayLike, mos: npt.ArrayLike, groups: Sequence[Key]
) -> dict[Key, float]:
    """Compute SRCC in each group, so that differences between scenes earn nothing.

    Args:
        predicted: What a model says, [items].
        mos: What people (or VMAF) say, [items].
        groups: The group of each item: the content, or `list(zip(content, codec))`.

    Returns:
        SRCC by group, in order of first appearance. Where all predictions of a group are equal
        the model ranked nothing, and the group counts 0.

    Raises:
        DataError: As `check_pair`; one group per item is missing; a group with fewer than 3 items
            or with constant `mos`.
    """
    first, second = check_pair(predicted, mos)
    if len(groups) != first.size:
        raise DataError(
            f"expected one group for each of {first.size} items, found {len(groups)}; align them"
        )
    members: dict[Key, list[int]] = {}
    for index, group in enumerate(groups):
        members.setdefault(group, []).append(index)
    return {
        group: _group_srcc(group, first[indices], second[indices])
        for group, indices in members.items()
    }


def mean_within_group_srcc(
    predicted: npt.ArrayLike, mos: npt.ArrayLike, groups: Sequence[Hashable]
) -> float:
    """Average SRCC over groups, each group with the same weight.

    Args:
        predicted: What a model says, [items].
        mos: What people (or VMAF) say, [items].
        groups: The group of each item.

    Returns:
        -1..1.

    Raises:
        DataError: As `within_group_srcc`.
    """
    return float(np.mean(list(within_group_srcc(predicted, mos, groups).values())))


def _group_srcc(
    group: Hashable, predicted: npt.NDArray[np.float64], mos: npt.NDArray[np.float64]
) -> float:
    if mos.size < MIN_GROUP_ITEMS or mos.max() == mos.min():
        raise DataError(
            f"expected at least {MIN_GROUP_ITEMS} items of differing mos in group {group!r}, found "
            f"{mos.size} items from {mos.min():g} to {mos.max():g}; "
            "add rungs or leave the group out"
        )
    if predicted.max() == predicted.min():
        return 0.0
    return srcc(predicted, mos)
