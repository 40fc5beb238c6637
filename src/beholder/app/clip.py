"""A real moving clip for the demo: a slow pan and zoom over a public-domain picture.

Axis letters: H height, W width, C channels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

FPS = 24.0
NUM_FRAMES = 72
SIDE_PX = 384

_PICTURE = Path(__file__).parent / "assets" / "astronaut.webp"
# The camera starts on nearly the whole picture and ends close to the face. It never enlarges, so
# the first generation of every frame is as sharp as the picture.
_START = (256.0, 256.0, 508.0)
_END = (200.0, 210.0, 386.0)


def moving_clip() -> Iterator[np.ndarray]:
    """Yield the frames of the clip: uint8 [SIDE_PX, SIDE_PX, 3], RGB, `NUM_FRAMES` at `FPS`."""
    from beholder.media import decode, probe
    from beholder.records import FramePlan

    (frame,) = decode(probe(_PICTURE), FramePlan(times_us=(0,)))
    picture = frame.pixels.astype(np.float32)
    for number in range(NUM_FRAMES):
        # Starts and stops softly, as a camera does.
        progress = 0.5 - 0.5 * math.cos(math.pi * number / (NUM_FRAMES - 1))
        centre_y, centre_x, side = (
            a + (b - a) * progress for a, b in zip(_START, _END, strict=True)
        )
        yield _crop(picture, centre_y - side / 2, centre_x - side / 2, side)


def _crop(picture: np.ndarray, top: float, left: float, side: float) -> np.ndarray:
    """Cut a square at fractions of pixels and shrink it to `SIDE_PX`."""
    rows = _mix_rows(picture, top, side)
    square = _mix_rows(rows.transpose(1, 0, 2), left, side).transpose(1, 0, 2)
    return np.ascontiguousarray(np.clip(square + 0.5, 0, 255), np.uint8)


def _mix_rows(picture: np.ndarray, start: float, side: float) -> np.ndarray:
    """Return `SIDE_PX` rows between `start` and `start + side`: Catmull-Rom, widened by scale."""
    scale = max(side / SIDE_PX, 1.0)
    centres = start + (np.arange(SIDE_PX) + 0.5) * side / SIDE_PX
    reach = math.ceil(2 * scale)
    taps = np.floor(centres)[:, None] + np.arange(-reach, reach + 1)
    distance = np.abs(taps + 0.5 - centres[:, None]) / scale
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    sources = np.clip(taps, 0, len(picture) - 1).astype(np.intp)
    flat = np.ascontiguousarray(picture).reshape(len(picture), -1)
    mixed = sum(
        weight[:, None] * flat[source] for weight, source in zip(weights.T, sources.T, strict=True)
    )
    return np.reshape(mixed, (SIDE_PX, *picture.shape[1:]))
