"""Blockiness: steps on the grid of coded blocks.

Axis letters: N tiles, H height, W width, B blocks, P the eight places in a block.
"""

from __future__ import annotations

import numpy as np

GRID_PX = 8
_REGION_PX = 32
_MOST_LEVELS = 16.0
"""A larger step is an edge of the scene."""
_QUANTILE = 0.75
"""Blocks show in smooth parts and hide in texture: the region that stands for the picture."""


def measure_blockiness(tiles: np.ndarray) -> float:
    """Return how many grey levels more a step is on the grid of 8 x 8 than beside it.

    A step is what a difference between neighbours has beyond the mean of the differences on its
    two sides, so that slopes do not count. Only a grid that begins at the corner of the picture
    is seen: not one that was cut or enlarged after coding.

    Args:
        tiles: uint8 [N, H, W], each beginning on the grid.

    Returns:
        At least 0; the mean of both directions.

    Source:
        The step: Minami and Zakhor, "An optimization approach for removing blocking effects in
        transform coding", 1995. Its comparison with the other places is ours.
    """
    planes = tiles.astype(np.float32)
    return (_excess(planes) + _excess(planes.transpose(0, 2, 1))) / 2


def _excess(planes: np.ndarray) -> float:
    """Compare the places of columns in blocks."""
    height, width = (side // _REGION_PX * _REGION_PX for side in planes.shape[1:])
    if not height or not width:
        return 0.0
    difference = np.diff(planes, axis=2)
    step = np.abs(difference[..., 1:-1] - (difference[..., :-2] + difference[..., 2:]) / 2)
    # Place x is the step between columns x and x + 1; the outermost have no two neighbours.
    placed = np.pad(np.minimum(step, _MOST_LEVELS), ((0, 0), (0, 0), (1, 2)))
    cells = placed[:, :height, :width].reshape(
        len(planes), height // _REGION_PX, _REGION_PX, width // _REGION_PX, -1, GRID_PX
    )
    by_place = cells.mean(axis=(2, 4)).reshape(-1, GRID_PX)
    excess = by_place[:, -1] - np.median(by_place[:, :-1], axis=1)
    return max(0.0, float(np.quantile(excess, _QUANTILE)))
