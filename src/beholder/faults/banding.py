"""Banding: smooth gradients that run in visible steps.

Axis letters: N tiles, H height, W width.
"""

from __future__ import annotations

import numpy as np

from beholder.faults.blockiness import GRID_PX

_PLATEAU_PX = 4
"""A step counts between plateaus of at least so many equal pixels on each side."""
_LOWEST, _HIGHEST = 2, 32
"""Grey levels of a step: one level is what 8 bits do; more than 32 is an edge of the scene."""
_SMOOTH_LEVELS = 24
"""A place is smooth where the differences around it add up to no more."""


def measure_banding(tiles: np.ndarray) -> float:
    """Return the share of smooth gradients that lies in steps between plateaus, in percent.

    Steps on the grid of 8 x 8 blocks are left out, because they are blockiness.

    Args:
        tiles: uint8 [N, H, W], each beginning on the grid.

    Source:
        Ours. That banding is steps of few levels between plateaus is the idea of CAMBI (Tandon
        et al., "CAMBI: Contrast-aware multiscale banding index", 2021).
    """
    levels = tiles.astype(np.int16)
    along, down = _steps(levels), _steps(levels.transpose(0, 2, 1))
    smooth = along[1] + down[1]
    return min(100.0, 100.0 * (along[0] + down[0]) / smooth) if smooth else 0.0


def _steps(levels: np.ndarray) -> tuple[float, int]:
    """Add up the levels of steps between plateaus, and of all differences in smooth parts."""
    reach = _PLATEAU_PX
    size = np.abs(np.diff(levels, axis=2))
    count = size.shape[2] - 2 * reach
    if count < 1:
        return 0.0, 0
    middle = size[..., reach : reach + count]
    around = sum(
        size[..., reach + shift : reach + shift + count]
        for shift in range(-reach, reach + 1)
        if shift
    )
    is_step = (around == 0) & (middle >= _LOWEST) & (middle <= _HIGHEST)
    on_grid = (np.arange(reach, reach + count) + 1) % GRID_PX == 0
    steps = int(middle[is_step & ~on_grid].sum())
    smooth = int(middle[around + middle <= _SMOOTH_LEVELS].sum())
    return steps * GRID_PX / (GRID_PX - 1), smooth
