"""All faults of one picture.

Axis letters: H height, W width.
"""

from __future__ import annotations

import numpy as np

from beholder.faults.banding import measure_banding
from beholder.faults.blockiness import measure_blockiness
from beholder.faults.blur import measure_blur
from beholder.faults.kinds import KINDS
from beholder.faults.light import measure_light
from beholder.faults.luma import cut_tiles, sample_levels
from beholder.faults.noise import measure_noise

_VIEWED_SHORT_SIDE_PX = 1080
"""Blur is judged at the size at which a large picture is looked at."""


def measure_picture(pixels: np.ndarray) -> dict[str, float]:
    """Measure the faults that one frame can show.

    Args:
        pixels: uint8 [H, W, 3], RGB.

    Returns:
        Fault to figure, in the units of `KINDS`; of a black picture only `black`, because what it
        shows cannot be seen.
    """
    light = measure_light(sample_levels(pixels))
    if light["black"] >= KINDS["black"].limit:
        return {"black": light["black"]}
    tiles = cut_tiles(pixels)
    scale = max(1, round(min(pixels.shape[:2]) / _VIEWED_SHORT_SIDE_PX))
    viewed = tiles if scale == 1 else cut_tiles(pixels, scale=scale)
    return {
        "blur": measure_blur(viewed),
        "blockiness": measure_blockiness(tiles),
        "noise": measure_noise(tiles),
        "banding": measure_banding(tiles),
        **light,
    }
