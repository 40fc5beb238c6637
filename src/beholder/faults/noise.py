"""Noise: what is left in the smoothest parts when slopes and edges are taken out.

Axis letters: N tiles, H height, W width, B blocks.
"""

from __future__ import annotations

import math

import numpy as np

from beholder.faults.blocks import block_means

_BLOCK_PX = 16
_QUANTILE = 0.1
"""Texture raises the estimate, so that the smoothest blocks tell of the noise."""
_DARKEST = 16
"""Below this mean noise is cut off at black. White is left in: were it taken out, a picture that is
too bright would have only texture left, which would be taken for noise."""
_FEWEST_BLOCKS = 8


def measure_noise(tiles: np.ndarray) -> float:
    """Return the standard deviation of the noise in grey levels.

    Args:
        tiles: uint8 [N, H, W].

    Returns:
        At least 0; a lower bound where a tenth of the picture is cut off at white, 0 where nearly
        all is black.

    Source:
        Immerkaer, "Fast noise variance estimation", 1996, equation (3). Differs from it in: the
        lowest tenth of 16 x 16 blocks, not the whole picture.
    """
    if min(tiles.shape[1:]) < 3:
        return 0.0
    planes = tiles.astype(np.float32)
    # The mask [1 -2 1; -2 4 -2; 1 -2 1] is the second difference along both axes.
    rough = np.abs(np.diff(np.diff(planes, 2, axis=1), 2, axis=2))
    sigma = block_means(rough, _BLOCK_PX) * math.sqrt(math.pi / 2) / 6
    level = block_means(planes[:, 1:-1, 1:-1], _BLOCK_PX)
    usable = sigma[level > _DARKEST]
    if usable.size < min(_FEWEST_BLOCKS, sigma.size):
        return 0.0
    return float(np.quantile(usable, _QUANTILE))
