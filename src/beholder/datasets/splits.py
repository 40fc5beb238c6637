"""Splits that keep like with like and come out the same on every machine."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError


def group_holdout(groups: Sequence[object], fraction: float, *, seed: int) -> npt.NDArray[np.bool_]:
    """Choose whole groups at random until about a fraction of the items is held out.

    The order of groups is that of their SHA-256 with the seed, so it depends neither on NumPy's
    version nor on the order of the items, and adding items to a set moves few others.

    Args:
        groups: Group of each item; groups are told apart by their text (`str`).
        fraction: Share of the items to hold out, between 0 and 1.
        seed: Another seed, another split.

    Returns:
        bool [items], True where held out. The share is as near to `fraction` as whole groups in
        that order allow.

    Raises:
        DataError: A fraction out of range, or groups so few or large that one side is empty.
    """
    if not 0 < fraction < 1:
        raise DataError(f"expected a fraction between 0 and 1, found {fraction}; 0.1 is usual")
    names = [str(group) for group in groups]
    sizes = Counter(names)
    wanted = fraction * len(names)
    held_out: set[str] = set()
    num_taken = 0
    for name in sorted(sizes, key=lambda name: _order(name, seed)):
        if num_taken + sizes[name] / 2 <= wanted:
            held_out.add(name)
            num_taken += sizes[name]
    if num_taken in (0, len(names)):
        raise DataError(
            f"expected groups that leave items on both sides, found {num_taken} of {len(names)} "
            f"items held out from {len(sizes)} groups; change the fraction or use smaller groups"
        )
    return np.array([name in held_out for name in names])


def _order(name: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()
