"""From one frame and its windows to the arrays that a network sees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from beholder.errors import UsageError
from beholder.records import ViewSpec, Window
from beholder.sampling.resize import resize


def apply(pixels: np.ndarray, windows: Sequence[Window], view: ViewSpec) -> list[np.ndarray]:
    """Cut, resize and normalise the windows of one frame.

    Args:
        pixels: uint8 [H, W, 3], RGB.
        windows: Rectangles inside the frame, from `plan_windows`.
        view: Gives mean and deviation for `normalise`.

    Returns:
        One float32 [3, out height, out width] per window, in the order of the windows.

    Raises:
        UsageError: The frame is not uint8 [H, W, 3], or a window leaves it.
    """
    return [normalise(_cut(pixels, window), view) for window in windows]


def normalise(planes: np.ndarray, view: ViewSpec) -> np.ndarray:
    """Bring pixel values to the range that the network was trained on.

    Args:
        planes: float32 or uint8 [..., 3, H, W], RGB in 0..255.
        view: Gives mean and deviation of each channel, in 0..255.

    Returns:
        float32 of the same shape: `(planes - mean) / std`.
    """
    mean = np.asarray(view.mean, np.float32).reshape(3, 1, 1)
    std = np.asarray(view.std, np.float32).reshape(3, 1, 1)
    normalised: np.ndarray = (planes - mean) / std
    return normalised


def _cut(pixels: np.ndarray, window: Window) -> np.ndarray:
    bottom, right = window.top_px + window.height_px, window.left_px + window.width_px
    inside = min(window.top_px, window.left_px) >= 0 and bottom <= pixels.shape[0]
    if not inside or right > pixels.shape[1]:
        size = f"{pixels.shape[1]} x {pixels.shape[0]}"
        raise UsageError(f"expected a window inside the frame of {size}, found {window}")
    part = pixels[window.top_px : bottom, window.left_px : right]
    return resize(part, height_px=window.out_height_px, width_px=window.out_width_px)
