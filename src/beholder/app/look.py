"""One look of a scored file, decoded again to be shown."""

from __future__ import annotations

import numpy as np

from beholder.records import FramePlan, MediaInfo

_HALF_MILLISECOND_US = 500


def decode_look(info: MediaInfo, time_seconds: float) -> np.ndarray:
    """Return the frame at a time of a score's timeline: uint8 [height, width, 3].

    Args:
        info: What the file holds.
        time_seconds: As a timeline has it, rounded to milliseconds.

    Raises:
        MediaError: The file cannot be decoded any more.
    """
    from beholder.media import decode

    # A start that was rounded down would lead to the frame before.
    time_us = round(time_seconds * 1e6) + _HALF_MILLISECOND_US
    (frame,) = decode(info, FramePlan(times_us=(time_us,)))
    return frame.pixels
