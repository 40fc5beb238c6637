"""Writes a picture as JPEG, for reports.

Axis letters: H height, W width.
"""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np

_QUANTISER = 4
"""FFmpeg's scale from 2 (best) to 31."""


def to_jpeg(pixels: np.ndarray) -> bytes:
    """Encode uint8 [H, W, 3] RGB as the bytes of a JPEG file; an odd last row or column is cut."""
    height, width = (max(2, side // 2 * 2) for side in pixels.shape[:2])
    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height = width, height
    context.pix_fmt = "yuvj420p"
    context.framerate = Fraction(1)
    context.thread_count = 1
    context.options = {"qmin": str(_QUANTISER), "qmax": str(_QUANTISER)}
    cut = np.ascontiguousarray(pixels[:height, :width])
    padded = np.pad(cut, ((0, height - cut.shape[0]), (0, width - cut.shape[1]), (0, 0)), "edge")
    frame = av.VideoFrame.from_ndarray(padded, format="rgb24").reformat(format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])
