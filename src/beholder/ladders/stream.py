"""A source as a stream of frames at a constant rate, which can be read again for each rung."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholder.errors import UsageError
from beholder.media.decode import decode
from beholder.media.probe import probe
from beholder.records import FramePlan, MediaInfo

_BLOCK_FRAMES = 4096
"""Frames planned at a time, so that not even the list of their times grows with the duration.
Each block seeks once, which costs less than 1 % of decoding it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clip:
    """What a ladder is made of."""

    frames: Callable[[int | None], Iterator[np.ndarray]]
    """Starts reading: uint8 [H, W, 3] RGB frames, shrunk to a height or (None) as they are."""
    num_frames: int
    fps: float
    width_px: int
    """Even: encoders that share colour between pixels drop a last odd column."""
    height_px: int
    """Even, as the width."""
    notes: tuple[str, ...] = ()
    """What is done to the source before it is encoded."""


def open_clip(path: str | Path, *, limit_seconds: float | None = None) -> Clip:
    """Describe a video as a clip; frames are decoded when they are asked for.

    The frames are those that a viewer sees: upright, square pixels, SDR, 8 bits. A variable frame
    rate becomes its mean: at each time the frame that is on screen.

    Args:
        path: A video file.
        limit_seconds: Take so much from the start; None takes all.

    Raises:
        MediaError: The file cannot be read.
        UsageError: It is a picture.
    """
    info = probe(path)
    if info.kind == "image" or info.fps is None or info.duration_seconds is None:
        raise UsageError(
            f"expected a video to encode at several rates, found a picture in {info.path!r}; "
            "score it with `beholder score`, or make a pan over it with `beholder ladder make`"
        )
    num_frames = info.num_frames
    if limit_seconds is not None:
        seconds = min(info.duration_seconds, limit_seconds)
        num_frames = min(num_frames, max(1, math.ceil(seconds * info.fps)))
    return Clip(
        frames=lambda height_px: _frames(info, num_frames, height_px),
        num_frames=num_frames,
        fps=info.fps,
        width_px=info.width_px // 2 * 2,
        height_px=info.height_px // 2 * 2,
        notes=_notes(info),
    )


def _frames(info: MediaInfo, num_frames: int, height_px: int | None) -> Iterator[np.ndarray]:
    if height_px is not None:
        width_px = max(2, round(info.width_px * height_px / info.height_px / 2) * 2)
        info = dataclasses.replace(info, width_px=width_px, height_px=height_px)
    for first in range(0, num_frames, _BLOCK_FRAMES):
        times_us = _times_us(info, range(first, min(first + _BLOCK_FRAMES, num_frames)))
        for frame in decode(info, FramePlan(times_us=times_us)):
            yield frame.pixels


def _times_us(info: MediaInfo, indices: range) -> tuple[int, ...]:
    """Middles of the frames: there a frame is shown whatever a container's clock rounds to."""
    duration_us = (info.duration_seconds or 0.0) * 1e6
    return tuple(int((index + 0.5) * duration_us / info.num_frames) for index in indices)


def _notes(info: MediaInfo) -> tuple[str, ...]:
    notes = list(info.notes)
    if info.bits_per_channel > 8:
        notes.append(f"{info.bits_per_channel} bits per channel are encoded as 8")
    if info.width_px % 2 or info.height_px % 2:
        notes.append("the last odd row or column is cut off")
    return tuple(notes)
