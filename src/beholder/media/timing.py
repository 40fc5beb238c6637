"""How many frames a video has, how long it lasts, and how fast it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from av.packet import Packet
from av.video.stream import VideoStream

from beholder.media.container import Media
from beholder.media.formats import UNTIMED_DEMUXERS

COUNTED_BYTES = 32 * 2**20
"""The packets of files up to this size are counted, which takes milliseconds: headers are often
wrong about short clips. Of a larger file the header is believed; one without a frame count gives
an estimate."""

_FALLBACK_FPS = Fraction(25)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """Length of a video; the frame rate is the mean over the whole of it where that is known."""

    num_frames: int
    duration_seconds: Fraction
    fps: Fraction


def needs_counting(media: Media) -> bool:
    """Whether to go through the packets: where only they tell the length, and where it is cheap."""
    return media.container.format.name in UNTIMED_DEMUXERS or media.size_bytes <= COUNTED_BYTES


class PacketCounter:
    """Adds up the length of a video from its packets, which need not be decoded."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._num_packets = 0
        self._first: int | None = None
        self._last = self._end = 0

    def add(self, packet: Packet[VideoStream]) -> None:
        """Count one packet; empty ones and those that an edit list cuts away do not count."""
        if not packet.size or packet.is_discard:
            return
        self._num_packets += 1
        if packet.pts is None:
            return
        if self._first is None:
            self._first = self._last = self._end = packet.pts
        self._first = min(self._first, packet.pts)
        self._last = max(self._last, packet.pts)
        self._end = max(self._end, packet.pts + (packet.duration or 0))

    def timing(self) -> Timing:
        """The length so far; the frame rate is nominal where packets have no times."""
        fps = nominal_fps(self._stream)
        num_frames = max(self._num_packets, 1)
        if self._first is None:
            return Timing(num_frames=num_frames, duration_seconds=num_frames / fps, fps=fps)
        duration = (self._end - self._first) * (self._stream.time_base or Fraction(1))
        if self._end == self._last:
            duration += 1 / fps
        return Timing(num_frames=num_frames, duration_seconds=duration, fps=num_frames / duration)


def read_timing(media: Media) -> Timing:
    """Take the length from the header: exact where it counts frames, else duration times rate."""
    fps = nominal_fps(media.stream)
    duration = _header_duration(media)
    num_frames = media.stream.frames
    if not num_frames:
        return Timing(
            num_frames=max(1, round(duration * fps)),
            duration_seconds=duration or 1 / fps,
            fps=fps,
        )
    if not duration:
        return Timing(num_frames=num_frames, duration_seconds=num_frames / fps, fps=fps)
    return Timing(num_frames=num_frames, duration_seconds=duration, fps=num_frames / duration)


def nominal_fps(stream: VideoStream) -> Fraction:
    """The frame rate that FFmpeg read or guessed from the beginning of the stream."""
    return stream.guessed_rate or stream.average_rate or _FALLBACK_FPS


def _header_duration(media: Media) -> Fraction:
    stream = media.stream
    time_base = stream.time_base or Fraction(1)
    if stream.duration:
        return stream.duration * time_base
    start = (stream.start_time or 0) * time_base
    # Matroska's container duration covers the sound too, which may be longer.
    tag = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if tag:
        hours, minutes, seconds = (Fraction(part) for part in tag.groups())
        return max(3600 * hours + 60 * minutes + seconds - start, Fraction(0))
    return Fraction(media.container.duration or 0, 10**6)
