"""Faults of light, read off the counts of grey levels."""

from __future__ import annotations

import math

import numpy as np

_GAMMA = 2.2
_BRIGHT, _BRIGHTEST, _DARKEST = 0.95, 0.99, 0.01
_WHITE_LEVEL = 250
"""From here on detail is lost in white, also after lossy coding."""
_BLACK_LEVEL = 25
"""A tenth of the range, as FFmpeg's blackdetect has it."""
_DIM_LEVEL = 32
"""Where even the brightest parts are darker, the fault is darkness and not flatness."""


def measure_light(counts: np.ndarray) -> dict[str, float]:
    """Measure under- and over-exposure, low contrast and blackness.

    Args:
        counts: Number of pixels of each grey level, int [256], at least one pixel.

    Returns:
        Fault to figure, in the units of `KINDS`.
    """
    shares = np.cumsum(counts) / counts.sum()
    darkest, bright, brightest = (
        int(np.searchsorted(shares, share)) for share in (_DARKEST, _BRIGHT, _BRIGHTEST)
    )
    # Half a level is added so that black has a logarithm.
    light = ((bright + 0.5) / 255.5) ** _GAMMA
    return {
        "under-exposure": -math.log2(light),
        "over-exposure": 100.0 * (1.0 - float(shares[_WHITE_LEVEL - 1])),
        "low contrast": 100.0 * (darkest + 1) / (max(brightest, _DIM_LEVEL) + 1),
        "black": 100.0 * float(shares[_BLACK_LEVEL]),
    }
