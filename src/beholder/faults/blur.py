"""Blur: how little a picture changes when it is blurred once more.

Axis letters: N tiles, H height, W width.
"""

from __future__ import annotations

import numpy as np

from beholder.faults.blocks import block_means

_REACH_PX = 4
"""The further blur averages 2 * 4 + 1 pixels."""
_BLOCK_PX = 32
_MOST_DETAILED = 4
"""One in so many blocks is looked at: what is behind the subject may be out of focus."""


def measure_blur(tiles: np.ndarray) -> float:
    """Return the blur effect in percent: 0 sharp, 100 without any edge.

    Differences between neighbours shrink when a sharp picture is blurred, and hardly change when
    a blurred one is. The share of them that stays is the blur.

    Args:
        tiles: uint8 [N, H, W].

    Source:
        Crete, Dolmiere, Ladret and Nicolas, "The blur effect: perception and estimation with a
        new no-reference perceptual blur metric", 2007, equations (1) to (6). Differs from it in:
        both directions together, over the quarter of the blocks with the largest differences.
    """
    planes = tiles.astype(np.float32)
    before, lost = _differences(planes)
    before_down, lost_down = _differences(planes.transpose(0, 2, 1))
    present = _sum_blocks(before, before_down)
    chosen = np.argsort(-present, kind="stable")[: max(1, present.size // _MOST_DETAILED)]
    total = float(present[chosen].sum())
    gone = float(_sum_blocks(lost, lost_down)[chosen].sum())
    return 100.0 * (1.0 - gone / total) if total else 0.0


def _differences(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes of differences along the rows, and what a blur takes from each."""
    width = planes.shape[2]
    padding = ((0, 0), (0, 0), (_REACH_PX + 1, _REACH_PX))
    # Whole numbers below 2**24: these sums are exact in float32.
    running = np.cumsum(np.pad(planes, padding, mode="edge"), axis=2)
    span = 2 * _REACH_PX + 1
    blurred = (running[..., span:] - running[..., :width]) / span
    before = np.abs(np.diff(planes, axis=2))
    after = np.abs(np.diff(blurred, axis=2))
    return before, np.maximum(before - after, 0.0)


def _sum_blocks(along: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Add [N, H, W - 1] and the turned [N, W, H - 1], and average over blocks."""
    return block_means(along[:, :-1] + down.transpose(0, 2, 1)[:, :, :-1], _BLOCK_PX)
