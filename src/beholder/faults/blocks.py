"""Sums over squares of a stack of pictures, which the measures share.

Axis letters: N tiles, H height, W width, B blocks.
"""

from __future__ import annotations

import numpy as np


def block_means(values: np.ndarray, side_px: int) -> np.ndarray:
    """Average [N, H, W] over squares, float [B]; what is left at the edges does not count.

    A picture smaller than a square is one block; an empty one counts as 0.
    """
    if not values.size:
        return np.zeros(1)
    count, height, width = values.shape
    rows, columns = height // side_px, width // side_px
    if not rows or not columns:
        return np.asarray(values.reshape(count, -1).mean(axis=1))
    cut = values[:, : rows * side_px, : columns * side_px]
    cells = cut.reshape(count, rows, side_px, columns, side_px)
    means: np.ndarray = cells.mean(axis=(2, 4)).ravel()
    return means
