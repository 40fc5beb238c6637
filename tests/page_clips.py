"""Clips for tests of the page that look like something: a camera move, well and badly encoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from beholder.app.clip import moving_clip
from tests.media_factory import make_video

WIDTH_PX, HEIGHT_PX = 384, 216
FPS = 12
BLURRED = ((11.0, 12.0, 2), (12.0, 15.0, 4), (15.0, 16.0, 2))
"""Where `make_good` is out of focus: from, to in seconds, and how much."""


def make_good(path: Path) -> Path:
    """24 seconds in good quality, but for some that are out of focus."""
    return _encode(path, crf=18, blurred=BLURRED)


def make_bad(path: Path) -> Path:
    """The same camera move, starved of bits."""
    return _encode(path, crf=46, blurred=())


def _encode(path: Path, *, crf: int, blurred: tuple[tuple[float, float, int], ...]) -> Path:
    top = (384 - HEIGHT_PX) // 3
    there = [np.ascontiguousarray(frame[top : top + HEIGHT_PX]) for frame in moving_clip()]
    frames = (there + there[::-1]) * 2
    for start, end, factor in blurred:
        part = slice(round(start * FPS), round(end * FPS))
        frames[part] = [_blur(frame, factor) for frame in frames[part]]
    return make_video(
        path,
        width=WIDTH_PX,
        height=HEIGHT_PX,
        fps=FPS,
        num_frames=len(frames),
        pictures=frames,
        options={"crf": str(crf), "preset": "veryfast"},
    )


def _blur(frame: np.ndarray, factor: int) -> np.ndarray:
    """Shrink, and enlarge again with linear ramps in between."""
    rows, columns = HEIGHT_PX // factor, WIDTH_PX // factor
    small = frame.reshape(rows, factor, columns, factor, 3).mean(axis=(1, 3))
    for axis, length in enumerate((rows, columns)):
        at = np.clip((np.arange(length * factor) + 0.5) / factor - 0.5, 0, length - 1.001)
        low = at.astype(int)
        share = (at - low).reshape([-1 if each == axis else 1 for each in range(3)])
        small = small.take(low, axis) * (1 - share) + small.take(low + 1, axis) * share
    return np.clip(small + 0.5, 0, 255).astype(np.uint8)
