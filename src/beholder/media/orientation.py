"""How a decoded picture is turned until it stands upright."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from typing import Any

import av
import numpy as np


@dataclass(frozen=True, slots=True)
class Orientation:
    """Flip left to right if `mirrored`, then turn clockwise."""

    rotation_degrees: int = 0
    """0, 90, 180 or 270."""
    mirrored: bool = False

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height change places."""
        return self.rotation_degrees % 180 == 90


UPRIGHT = Orientation()


def from_frame(frame: av.VideoFrame) -> Orientation:
    """Read the display matrix that FFmpeg attaches to a decoded frame; upright where there is none.

    FFmpeg writes the orientation of containers and of EXIF into the same matrix.
    """
    try:
        side_data: Any = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:
        # PyAV has no name for the kind of side data that FFmpeg 8.1 attaches for EXIF, and then
        # gives none at all. What remains is the angle, in degrees counter-clockwise.
        return Orientation(90 * (round(-frame.rotation / 90) % 4))
    if side_data is None:
        return UPRIGHT
    return from_display_matrix(struct.unpack("=9i", bytes(side_data)[:36]))


def from_display_matrix(matrix: tuple[int, ...]) -> Orientation:
    """Reduce FFmpeg's 3 x 3 display matrix to a flip and a multiple of 90 degrees.

    A point (x, y), y downwards, goes to (a x + c y, b x + d y) with the matrix laid out as
    `a b u c d v x y w`. Other angles are rounded to the nearest quarter turn.
    """
    a, b, _, c, d = matrix[:5]
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    quarter_turns = round(math.degrees(math.atan2(b, a)) / 90) % 4
    return Orientation(90 * quarter_turns, mirrored)


def make_upright(pixels: np.ndarray, orientation: Orientation) -> np.ndarray:
    """Apply an orientation to [H, W, C] pixels; the result is contiguous."""
    if orientation.mirrored:
        pixels = pixels[:, ::-1]
    # np.rot90 turns counter-clockwise.
    turned = np.rot90(pixels, -(orientation.rotation_degrees // 90))
    return np.ascontiguousarray(turned)
