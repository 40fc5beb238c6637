"""Run through packets and decode no more of them than the wanted frames need."""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

import av
from av.video.stream import VideoStream

from beholder.errors import Damaged
from beholder.media.container import NO_FRAME
from beholder.media.seek import SeekFailed, Segment, VideoPacket

_log = logging.getLogger(__name__)

_MAX_WAITING = 64
"""Packets that may wait for a verdict; no codec puts more than 16 frames out of order."""
_MAX_BAD_PACKETS = 8
"""Up to here, bad packets are glitches that a viewer sees too; beyond, if they are most, damage."""


class FrameReader:
    """Decodes one segment: the frame shown at each of its targets."""

    def __init__(
        self, stream: VideoStream, segment: Segment, *, fps: float, may_skip: bool = True
    ) -> None:
        """Make a reader.

        Args:
            stream: The picture; its container stands where the segment's packets begin.
            segment: What to read.
            fps: Gives times to frames that have none (streams without a container).
            may_skip: Leave out frames that are neither shown at a target nor referred to.
        """
        self._context = stream.codec_context
        # Some decoders read `skip_frame` only when they open, and would keep it for all frames.
        self._context.open(strict=False)
        self._segment = segment
        self._may_skip = may_skip
        self._ticks_per_frame = 1 / Fraction(fps) / (stream.time_base or Fraction(1))
        self._num_decoded = self._num_fed = self._num_bad = 0

    def read(self, packets: Iterator[VideoPacket]) -> Iterator[tuple[int, av.VideoFrame]]:
        """Yield one frame for each target, in order, with its presentation time in ticks.

        Args:
            packets: From a keyframe at or before the first target on.

        Raises:
            SeekFailed: After a jump, the first frame that can be decoded comes too late.
            Damaged: Nothing can be decoded, or hardly anything.
        """
        remaining = deque(self._segment.targets)
        shown: tuple[int, av.VideoFrame] | None = None
        for ticks, frame in self._decode(packets):
            while remaining and ticks > remaining[0]:
                if shown is None and self._segment.jumps:
                    raise SeekFailed("the first frame after the jump comes too late")
                yield shown or (ticks, frame)
                remaining.popleft()
            if not remaining:
                return
            shown = (ticks, frame)
        if shown is None:
            if self._segment.jumps:
                raise SeekFailed("nothing can be decoded after the jump")
            raise Damaged(NO_FRAME)
        for _ in remaining:
            yield shown

    def _decode(self, packets: Iterator[VideoPacket]) -> Iterator[tuple[int, av.VideoFrame]]:
        for packet, is_needed in choose_packets(packets, self._segment.targets):
            if self._may_skip and not is_needed:
                if self._context.codec.intra_only:
                    continue
                self._context.skip_frame = "NONREF"
            else:
                self._context.skip_frame = "DEFAULT"
            yield from self._feed(packet)
        yield from self._feed(None)

    def _feed(self, packet: VideoPacket | None) -> Iterator[tuple[int, av.VideoFrame]]:
        self._num_fed += 1
        try:
            frames = self._context.decode(packet)
        except av.error.InvalidDataError as error:
            _log.info("a packet cannot be decoded and is passed over: %s", error.strerror)
            self._num_bad += 1
            if self._num_bad > max(_MAX_BAD_PACKETS, self._num_fed // 2):
                raise
            return
        for frame in frames:
            ticks = frame.pts
            if ticks is None:
                ticks = round(self._num_decoded * self._ticks_per_frame)
            self._num_decoded += 1
            yield ticks, frame


def choose_packets(
    packets: Iterator[VideoPacket], targets: Sequence[int]
) -> Iterator[tuple[VideoPacket, bool]]:
    """Say of each packet whether its frame is the one shown at a target.

    A packet waits until a later one in decoding order shows that another frame is nearer to the
    target, or that none can come. Packets that are decoded after everything that is shown at the
    last target are left out.

    Args:
        packets: In decoding order.
        targets: Rising presentation times in ticks.

    Yields:
        Packets in the same order; False means that the frame is not shown at any target, though
        others may refer to it.
    """
    waiting: deque[VideoPacket] = deque()
    seen: deque[int] = deque(maxlen=_MAX_WAITING)
    for packet in packets:
        if not packet.size:
            continue
        waiting.append(packet)
        if packet.pts is not None and not packet.is_discard:
            seen.append(packet.pts)
        if packet.dts is not None and packet.dts > targets[-1]:
            while waiting and waiting[-1].pts is not None and waiting[-1].pts > targets[-1]:
                waiting.pop()
            break
        while waiting:
            is_needed = _is_needed(waiting[0], seen, targets)
            if (
                is_needed
                and len(waiting) < _MAX_WAITING
                and _may_change(waiting[0], packet, targets)
            ):
                break
            yield waiting.popleft(), is_needed
    for packet in waiting:
        yield packet, _is_needed(packet, seen, targets)


def _is_needed(packet: VideoPacket, seen: Iterable[int], targets: Sequence[int]) -> bool:
    """Whether no frame seen so far is nearer to the first target after this packet."""
    pts = packet.pts
    if pts is None:
        return True
    number = bisect_left(targets, pts)
    if packet.is_discard or number == len(targets):
        return False
    return not any(pts < other <= targets[number] for other in seen)


def _may_change(packet: VideoPacket, newest: VideoPacket, targets: Sequence[int]) -> bool:
    """Whether a packet still to come can be nearer: it is shown no earlier than it is decoded."""
    if packet.pts is None or newest.dts is None:
        return False
    return newest.dts <= targets[bisect_left(targets, packet.pts)]
