"""Whether two frames show the same picture.

Axis letters: N tiles, H height, W width.
"""

from __future__ import annotations

import numpy as np

from beholder.faults.blocks import block_means

_BLOCK_PX = 32
STILL_LEVELS = 1.0
"""Mean difference, in grey levels, that no block of two equal pictures passes: coding a frame again
changes it by less, and sensor noise by more."""


def measure_change(before: np.ndarray, after: np.ndarray) -> float:
    """Return the mean difference of the block that changed most, in grey levels.

    Args:
        before: uint8 [N, H, W], from `cut_tiles`.
        after: The same of a later frame.
    """
    difference = np.abs(before.astype(np.int16) - after)
    return float(block_means(difference, _BLOCK_PX).max())


def find_repeats(changes: list[float]) -> int | None:
    """Count the frames of a run that repeat the one before; None where nothing moves at all.

    Args:
        changes: `measure_change` between each two neighbours.
    """
    repeats = sum(change < STILL_LEVELS for change in changes)
    return None if repeats == len(changes) else repeats
