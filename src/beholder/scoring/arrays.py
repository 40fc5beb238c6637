"""Frames in memory, described and picked as if they were a file.

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from beholder.errors import UsageError
from beholder.records import ColorInfo, Frame, FramePlan, MediaInfo

_PATH = "<frames>"


def describe_frames(frames: np.ndarray, *, fps: float) -> MediaInfo:
    """Describe an array of frames; a single frame is an image.

    Args:
        frames: uint8 [T, H, W, 3], RGB, full range, at least one frame.
        fps: Frames per second, above 0.

    Raises:
        UsageError: Another type or shape, or `fps` is not a positive number.
    """
    if frames.dtype != np.uint8 or frames.ndim != 4 or frames.shape[3] != 3 or not frames.size:
        raise UsageError(
            "expected frames as uint8 [frames, height, width, 3] in RGB, at least one, "
            f"found {frames.dtype} {list(frames.shape)}"
        )
    if not (math.isfinite(fps) and fps > 0):
        raise UsageError(f"expected fps above 0, found {fps}")
    num_frames, height_px, width_px, _ = frames.shape
    is_image = num_frames == 1
    return MediaInfo(
        path=_PATH,
        kind="image" if is_image else "video",
        width_px=width_px,
        height_px=height_px,
        rotation_degrees=0,
        mirrored=False,
        fps=None if is_image else float(fps),
        duration_seconds=None if is_image else num_frames / fps,
        num_frames=num_frames,
        codec="rawvideo",
        pixel_format="rgb24",
        bits_per_channel=8,
        color=ColorInfo(full_range=True, matrix="rgb", primaries="bt709", transfer="sdr"),
        interlaced=False,
        has_alpha=False,
    )


def pick_frames(frames: np.ndarray, plan: FramePlan, *, fps: float) -> Iterator[Frame]:
    """Yield the frame on screen at each time of a plan."""
    for time_us in plan.times_us:
        index = min(int(time_us * fps / 1_000_000), len(frames) - 1)
        yield Frame(pixels=frames[index], time_seconds=index / fps)
