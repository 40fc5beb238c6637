"""Which way to the next frame is shorter: run on, or jump to a keyframe.

The constants come from `benchmarks/seek_or_run.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import TypeAlias

import av
from av.index import IndexEntries
from av.packet import Packet
from av.video.stream import VideoStream

from beholder.media.container import Media
from beholder.media.formats import ANIMATION_DEMUXERS

JUMP_COST_FRAMES = 4
"""A jump costs about as much as decoding this many frames: the threads run empty and fill again.
From 2 to 8 the measured cost hardly changes; never jumping doubles it for a minute with keyframes
every second, jumping to each frame makes it five times as large where keyframes are rare."""

BLIND_JUMP_SECONDS = 10
"""Where the container has no index of keyframes, jump over gaps longer than this. It is the
longest usual distance of keyframes (250 frames at 25 per second), so that a jump rarely lands
before where we are."""

_BACK_OFF_SECONDS = (0, 2, 12, 60)
VideoPacket: TypeAlias = "Packet[VideoStream]"


class SeekFailed(Exception):
    """The container does not lead to where it says; never leaves this room."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Targets that are reached in one run."""

    targets: tuple[int, ...]
    """Presentation times in ticks of the stream, rising."""
    jumps: bool
    """Seek to the keyframe before the first target; otherwise begin at the start of the file."""


def group_targets(
    targets: Sequence[int],
    *,
    start: int,
    keyframe_before: Callable[[int], int | None],
    min_gain: int,
    blind_gap: int,
) -> list[Segment]:
    """Cut targets into runs: a new run begins where a jump saves more than it costs.

    Args:
        targets: Rising presentation times in ticks.
        start: Presentation time of the first frame.
        keyframe_before: Time of the last keyframe at or before a time, None where it is not known.
        min_gain: Ticks that a jump must leave out to be worth it.
        blind_gap: Ticks between two targets above which to jump to a keyframe that is not known.

    Returns:
        Runs that hold all targets in order.
    """
    segments: list[Segment] = []
    run: list[int] = []
    position, jumps = start, False
    for target in targets:
        keyframe = keyframe_before(target)
        worth_it = (
            target - position > blind_gap if keyframe is None else keyframe - position > min_gain
        )
        if worth_it:
            if run:
                segments.append(Segment(tuple(run), jumps))
            run, jumps = [], True
        run.append(target)
        position = target
    return [*segments, Segment(tuple(run), jumps)] if run else segments


def plan_segments(media: Media, targets: Sequence[int], *, start: int, fps: float) -> list[Segment]:
    """Plan the runs through an open file; see `group_targets`."""
    stream = media.stream
    time_base = stream.time_base
    if media.container.format.name in ANIMATION_DEMUXERS or not time_base or not targets:
        return [Segment(tuple(targets), jumps=False)]
    _load_index(media, start)
    blind_gap = round(BLIND_JUMP_SECONDS / time_base)
    return group_targets(
        targets,
        start=start,
        keyframe_before=lambda target: indexed_keyframe(
            stream.index_entries, target, blind_gap=blind_gap
        ),
        min_gain=round(JUMP_COST_FRAMES / Fraction(fps) / time_base),
        blind_gap=blind_gap,
    )


def packets_from_start(media: Media) -> Iterator[VideoPacket]:
    """All packets of the picture; the container must stand at its beginning."""
    return media.container.demux(media.stream)


def packets_before(media: Media, target: int) -> Iterator[VideoPacket]:
    """Jump, and give the packets from a keyframe that is shown at or before the target.

    A container seeks by decoding time and some seek by guess, so the keyframe found is looked at,
    and when it is shown too late the jump is repeated from further back.

    Raises:
        SeekFailed: No such keyframe was found.
    """
    time_base = media.stream.time_base or Fraction(1)
    for back_off in _BACK_OFF_SECONDS:
        try:
            media.container.seek(target - round(back_off / time_base), stream=media.stream)
            packets = media.container.demux(media.stream)
            first = next((p for p in packets if p.is_keyframe and p.pts is not None), None)
        except av.FFmpegError as error:
            raise SeekFailed(str(error)) from error
        if first is not None and first.pts is not None and first.pts <= target:
            return chain((first,), packets)
    raise SeekFailed(f"no keyframe at or before {target}")


def _load_index(media: Media, start: int) -> None:
    """Matroska reads its index at the first seek."""
    if media.container.format.name != "matroska,webm":
        return
    try:
        media.container.seek(start, stream=media.stream)
    except av.FFmpegError as error:
        raise SeekFailed(str(error)) from error


def indexed_keyframe(entries: IndexEntries, target: int, *, blind_gap: int) -> int | None:
    """Time of the last indexed keyframe at or before a target.

    None where the index ends long before the target: where a container has none, FFmpeg lists the
    keyframes that it happened to pass.
    """
    if not len(entries) or entries[len(entries) - 1].timestamp < target - blind_gap:
        return None
    number = entries.search_timestamp(target)
    return entries[number].timestamp if number >= 0 else None
