"""The frames that a plan asks for, one at a time."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
from av.video.reformatter import VideoReformatter

from beholder.media.color import to_rgb
from beholder.media.container import Media, open_media, translated_errors
from beholder.media.orientation import Orientation, make_upright
from beholder.media.reader import FrameReader
from beholder.media.seek import (
    SeekFailed,
    Segment,
    packets_before,
    packets_from_start,
    plan_segments,
)
from beholder.records import Frame, FramePlan, MediaInfo

_log = logging.getLogger(__name__)

MAX_THREADS = 4
"""Threads of the decoder; each holds a frame or two more, 25 MB each at 4K with 10 bits."""

_MICROSECONDS = 10**6
_BAD_START = frozenset(("avi",))
"""Demuxers whose start is a decoding time, which with B-frames lies before the first picture."""


def decode(info: MediaInfo, plan: FramePlan) -> Iterator[Frame]:
    """Yield the frame shown at each planned time, in order.

    The frame shown at a time is the last one that starts at or before it, in whole microseconds
    from the first frame; after the end it is the last frame. Memory does not grow with the
    duration, and only the parts of the file are read and decoded that lead to a planned frame.

    Raises:
        MediaError: The file changed since `probe`, or cannot be decoded further on.
    """
    reformatter = VideoReformatter()
    orientation = Orientation(info.rotation_degrees, info.mirrored)
    size = (info.width_px, info.height_px)
    if orientation.swaps_sides:
        size = size[::-1]
    for time_seconds, frame in _find_frames(info, plan.times_us):
        with translated_errors():
            pixels = to_rgb(frame, info.color, size=size, reformatter=reformatter)
        yield Frame(pixels=make_upright(pixels, orientation), time_seconds=time_seconds)


def _find_frames(info: MediaInfo, times_us: Sequence[int]) -> Iterator[tuple[float, av.VideoFrame]]:
    """Take the shortest way; where the container leads astray, run from the start for the rest."""
    if not times_us:
        return
    num_done = 0
    try:
        for found in _read(info, times_us, may_jump=True):
            yield found
            num_done += 1
    except SeekFailed as error:
        _log.info("seeking does not work here (%s); running from the start", error)
        yield from _read(info, times_us[num_done:], may_jump=False)


def _read(
    info: MediaInfo, times_us: Sequence[int], *, may_jump: bool
) -> Iterator[tuple[float, av.VideoFrame]]:
    with open_media(info.path) as media:
        stream = media.stream
        stream.thread_type = "AUTO"
        stream.thread_count = 1 if info.kind == "image" else min(MAX_THREADS, os.cpu_count() or 1)
        time_base = stream.time_base or Fraction(1)
        start = 0 if info.kind == "image" else _start_tick(media, info.path)
        targets = [start + last_tick(time_us, time_base) for time_us in times_us]
        fps = info.fps or 1.0
        segments = (
            plan_segments(media, targets, start=start, fps=fps)
            if may_jump
            else [Segment(tuple(targets), jumps=False)]
        )
        for segment in segments:
            packets = (
                packets_before(media, segment.targets[0])
                if segment.jumps
                else packets_from_start(media)
            )
            reader = FrameReader(stream, segment, fps=fps, may_skip=not info.interlaced)
            for ticks, frame in reader.read(packets):
                yield max(0.0, float((ticks - start) * time_base)), frame


def _start_tick(media: Media, path: str) -> int:
    """Time of the first frame; containers without a say about it need not begin at 0."""
    if media.stream.start_time is not None and media.container.format.name not in _BAD_START:
        return media.stream.start_time
    with open_media(path) as other:
        first = next(other.container.demux(other.stream), None)
        return first.pts or 0 if first is not None else 0


def last_tick(time_us: int, time_base: Fraction) -> int:
    """The last tick that begins, in whole microseconds rounded down, at or before a time.

    A frame at tick 1 of 1/30 s is thus found by 33,333 us, though it begins a third of one later.
    """
    return math.ceil((time_us + 1) / (time_base * _MICROSECONDS)) - 1
