"""From planes of integers to RGB in numpy: the slow way, for what swscale does not do."""

from __future__ import annotations

import av
import numpy as np
from av.video.plane import VideoPlane

from beholder.media.hdr import to_sdr_bt709
from beholder.records import ColorInfo

_LUMA_WEIGHTS = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593)}
"""Red and blue weights of luma; green has the rest."""
_BAND_ROWS = 32


def planar_to_sdr(planar: av.VideoFrame, color: ColorInfo) -> np.ndarray:
    """Convert a frame of three full-size planes to SDR with BT.709 primaries.

    It works in bands of rows, so that a 4K frame is never wholly in floats.

    Args:
        planar: In `yuv444p*` or `gbrp*`.
        color: How to read it.

    Returns:
        uint8 [H, W, 3].
    """
    planes = [_plane_view(plane, planar) for plane in planar.planes]
    pixels = np.empty((planar.height, planar.width, 3), np.uint8)
    for top in range(0, planar.height, _BAND_ROWS):
        band = np.stack([plane[top : top + _BAND_ROWS] for plane in planes]).astype(np.float32)
        coded = _to_coded_rgb(band, color, bits=planar.format.components[0].bits)
        pixels[top : top + _BAND_ROWS] = to_sdr_bt709(coded, color).transpose(1, 2, 0)
    return pixels


def _plane_view(plane: VideoPlane, frame: av.VideoFrame) -> np.ndarray:
    dtype = np.dtype(np.uint8 if frame.format.components[0].bits == 8 else "<u2")
    rows = np.frombuffer(memoryview(plane), dtype).reshape(
        frame.height, plane.line_size // dtype.itemsize
    )
    view: np.ndarray = rows[:, : frame.width]
    return view


def _to_coded_rgb(planes: np.ndarray, color: ColorInfo, *, bits: int) -> np.ndarray:
    """Undo range and matrix (ITU-R BT.601, BT.709, BT.2020 non-constant luminance).

    Args:
        planes: float32 [3, H, W] of integers: G, B, R for RGB, else Y, Cb, Cr.
        color: Their range and matrix.
        bits: Their depth.

    Returns:
        float32 [3, H, W] R'G'B', 0..1 for what lies in range.
    """
    if color.matrix == "rgb":
        rgb: np.ndarray = planes[[2, 0, 1]] / np.float32(2**bits - 1)
        return rgb
    scale = 2.0 ** (bits - 8)
    black, luma_span, chroma_span = (
        (0.0, 2.0**bits - 1, 2.0**bits - 1)
        if color.full_range
        else (16 * scale, 219 * scale, 224 * scale)
    )
    kr, kb = _LUMA_WEIGHTS[color.matrix]
    luma = (planes[0] - np.float32(black)) / np.float32(luma_span)
    cb, cr = (planes[1:] - np.float32(128 * scale)) / np.float32(chroma_span)
    red = luma + np.float32(2 * (1 - kr)) * cr
    blue = luma + np.float32(2 * (1 - kb)) * cb
    green = (luma - np.float32(kr) * red - np.float32(kb) * blue) / np.float32(1 - kr - kb)
    return np.stack([red, green, blue])
