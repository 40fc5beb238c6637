"""The ways in which the field divides data before it judges a model.

Items are told by a key, e.g. the path of the file below the root of its data set. Everything drawn
is drawn by hash, so two machines draw the same, whatever the order of the items.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from beholder.datasets.splits import group_holdout
from beholder.errors import DataError
from beholder.evaluation.pairs import check_vector
from beholder.evaluation.split_set import Part, SplitSet

MAX_REPEATS = 1000
"""Repeat r of seed s draws with s * 1000 + r, so that no two seeds share a repeat."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """A figure over the repeats of a protocol."""

    num_repeats: int
    median: float
    std: float
    """Standard deviation over the repeats, dividing by their number as the field does."""
    lower_quartile: float
    upper_quartile: float


def holdout_splits(
    keys: Sequence[str],
    contents: Sequence[str],
    *,
    fraction: float = 0.2,
    num_repeats: int = 10,
    seed: int = 0,
    name: str = "holdout",
) -> SplitSet:
    """Draw seeded repeats that hold out a fraction of the items, whole contents at a time.

    Where every item has a content of its own, this is a draw of items.

    Args:
        keys: Key of each item, each once.
        contents: Content of each item; items that share it stay on one side.
        fraction: Share of the items to judge on, between 0 and 1.
        num_repeats: How many parts to draw, 1..1000.
        seed: Another seed, other parts.
        name: Of the split set.

    Returns:
        Parts `repeat 0`, `repeat 1`, ...

    Raises:
        DataError: Keys not unique or not one content each; a setting out of range; contents too
            few or too large for the fraction.
    """
    _check_keys(keys)
    if len(contents) != len(keys):
        raise DataError(
            f"expected one content for each of {len(keys)} items, found {len(contents)}; align them"
        )
    if not 1 <= num_repeats <= MAX_REPEATS:
        raise DataError(f"expected 1 to {MAX_REPEATS} repeats, found {num_repeats}; 10 are usual")
    parts = []
    for repeat in range(num_repeats):
        held_out = group_holdout(contents, fraction, seed=seed * MAX_REPEATS + repeat)
        parts.append(_part(f"repeat {repeat}", keys, held_out))
    return SplitSet(name=name, seed=seed, fraction=fraction, parts=tuple(parts))


def official_split(keys: Sequence[str], sides: Sequence[str], *, name: str) -> SplitSet:
    """Take the split that a data set's makers drew.

    Args:
        keys: Key of each item, each once.
        sides: Side of each item: `train` or `test`; items of any other side (e.g. a second test
            part, or none) are left out.
        name: Of the split set.

    Returns:
        One part, `official`.

    Raises:
        DataError: Keys not unique or not one side each; nothing on one side.
    """
    _check_keys(keys)
    if len(sides) != len(keys):
        raise DataError(
            f"expected one side for each of {len(keys)} items, found {len(sides)}; align them"
        )
    chosen = {
        wanted: sorted(key for key, side in zip(keys, sides, strict=True) if side == wanted)
        for wanted in ("train", "test")
    }
    part = Part(name="official", train=tuple(chosen["train"]), test=tuple(chosen["test"]))
    return SplitSet(name=name, seed=None, fraction=None, parts=(part,))


def leave_one_set_out(
    keys_by_set: Mapping[str, Sequence[str]], *, name: str = "leave one set out"
) -> SplitSet:
    """Judge on each data set a model that learnt from all the others.

    Args:
        keys_by_set: Name of each data set, two or more, to the keys of its items; no key stands
            in two sets.
        name: Of the split set.

    Returns:
        One part for each set, `test on NAME`.

    Raises:
        DataError: Fewer than two sets, a set without items, or a key that stands twice.
    """
    _check_sets(keys_by_set)
    parts = []
    for held_out, keys in keys_by_set.items():
        others = [key for other, kept in keys_by_set.items() if other != held_out for key in kept]
        parts.append(
            Part(name=f"test on {held_out}", train=tuple(sorted(others)), test=tuple(sorted(keys)))
        )
    return SplitSet(name=name, seed=None, fraction=None, parts=tuple(parts))


def cross_set(keys_by_set: Mapping[str, Sequence[str]], *, name: str = "cross set") -> SplitSet:
    """Judge on each data set a model that learnt from one other, for every ordered pair.

    Args:
        keys_by_set: As for `leave_one_set_out`.
        name: Of the split set.

    Returns:
        One part for each pair, `train on NAME, test on OTHER`.

    Raises:
        DataError: As `leave_one_set_out`.
    """
    _check_sets(keys_by_set)
    parts = [
        Part(
            name=f"train on {learnt}, test on {judged}",
            train=tuple(sorted(keys_by_set[learnt])),
            test=tuple(sorted(keys_by_set[judged])),
        )
        for learnt, judged in itertools.permutations(keys_by_set, 2)
    ]
    return SplitSet(name=name, seed=None, fraction=None, parts=tuple(parts))


def spread_of(values: npt.ArrayLike) -> Spread:
    """Sum a figure up over repeats, as papers do: the median, and how far it moves.

    Args:
        values: The figure of each repeat, [repeats], at least one.

    Returns:
        Median, standard deviation and quartiles, in the figure's unit.

    Raises:
        DataError: No value, or one that is not finite.

    Example:
        >>> spread_of([0.8, 0.9, 0.7]).median
        0.8
    """
    found = check_vector(values, "figures of repeats", min_items=1)
    lower, median, upper = (float(value) for value in np.quantile(found, [0.25, 0.5, 0.75]))
    return Spread(
        num_repeats=found.size,
        median=median,
        std=float(found.std()),
        lower_quartile=lower,
        upper_quartile=upper,
    )


def _part(name: str, keys: Sequence[str], held_out: npt.NDArray[np.bool_]) -> Part:
    sides: dict[bool, list[str]] = {False: [], True: []}
    for key, is_test in zip(keys, held_out.tolist(), strict=True):
        sides[is_test].append(key)
    return Part(name=name, train=tuple(sorted(sides[False])), test=tuple(sorted(sides[True])))


def _check_keys(keys: Sequence[str]) -> None:
    if len(set(keys)) < len(keys):
        raise DataError(
            f"expected every key once, found {len(keys)} items with {len(set(keys))} different "
            "keys; give each item a key of its own"
        )


def _check_sets(keys_by_set: Mapping[str, Sequence[str]]) -> None:
    if len(keys_by_set) < 2:
        raise DataError(
            f"expected at least two data sets, found {len(keys_by_set)}; "
            "split one set by holdout instead"
        )
    _check_keys([key for keys in keys_by_set.values() for key in keys])
