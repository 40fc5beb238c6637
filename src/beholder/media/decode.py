"""The frames that a plan asks for, one at a time."""

from __future__ import annotations

from collections.abc import Iterator

import av
from av.video.reformatter import VideoReformatter

from beholder.errors import Damaged
from beholder.media.color import to_rgb
from beholder.media.container import Media, open_media
from beholder.media.orientation import Orientation, make_upright
from beholder.records import Frame, FramePlan, MediaInfo

NUM_THREADS = 2


def decode(info: MediaInfo, plan: FramePlan) -> Iterator[Frame]:
    """Yield the frame shown at each planned time, in order.

    The frame shown at a time is the last one that starts at or before it; times count from the first frame.
    Only a few frames are in memory at once, whatever the duration.

    Raises:
        MediaError: The file changed since `probe`, or is damaged further on.
    """
    with open_media(info.path) as media:
        reformatter = VideoReformatter()
        orientation = Orientation(info.rotation_degrees, info.mirrored)
        size = (info.width_px, info.height_px)
        if orientation.swaps_sides:
            size = size[::-1]
        for time_us, frame in _run(media, info, plan):
            pixels = to_rgb(frame, info.color, size=size, reformatter=reformatter)
            yield Frame(pixels=make_upright(pixels, orientation), time_seconds=time_us / 1e6)


def _run(media: Media, info: MediaInfo, plan: FramePlan) -> Iterator[tuple[int, av.VideoFrame]]:
    media.stream.thread_type = "AUTO"
    media.stream.codec_context.thread_count = NUM_THREADS
    shown: tuple[int, av.VideoFrame] | None = None
    targets = list(plan.times_us)
    start_us: int | None = None
    for number, frame in enumerate(media.container.decode(media.stream)):
        time_us = (
            round(number * 1e6 / (info.fps or 1))
            if frame.pts is None
            else round(frame.pts * frame.time_base * 10**6)
        )
        start_us = time_us if start_us is None else start_us
        while targets and shown and targets[0] < time_us - start_us:
            yield shown
            targets.pop(0)
        if not targets:
            return
        shown = (time_us - start_us, frame)
    if shown is None:
        raise Damaged(
            "expected at least one frame, found none that can be decoded; copy or export the file again"
        )
    for _ in targets:
        yield shown
