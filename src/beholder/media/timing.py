"""How many frames a video has, how long it lasts, and how fast it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from av.video.stream import VideoStream

from beholder.media.container import Media

COUNTED_BYTES = 32 * 2**20
"""Where the header has no frame count, packets of files up to this size are counted; it takes tens of
milliseconds. A larger file gets an estimate: duration times frame rate."""

_UNTIMED_DEMUXERS = frozenset(
    (
        *("apng", "dirac", "dnxhd", "evc", "gif", "h261", "h263", "h264", "hevc", "m4v", "mjpeg"),
        *("mpegvideo", "obu", "vc1", "vvc"),
    )
)
"""Streams without a container: FFmpeg knows no duration, or guesses one from the bit rate."""

_FALLBACK_FPS = Fraction(25)


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """Length of a video; the frame rate is the mean over the whole of it where that is known."""

    num_frames: int
    duration_seconds: Fraction
    fps: Fraction


def needs_counting(media: Media) -> bool:
    """Whether only the packets tell how many frames there are."""
    if media.container.format.name in _UNTIMED_DEMUXERS:
        return True
    return not media.stream.frames and media.size_bytes <= COUNTED_BYTES


def count_packets(media: Media) -> Timing:
    """Go through all packets without decoding; the container is at its end afterwards."""
    time_base = media.stream.time_base or Fraction(1)
    first = last = end = None
    num_frames = 0
    for packet in media.container.demux(media.stream):
        if not packet.size or packet.is_discard:
            continue
        num_frames += 1
        if packet.pts is not None:
            first = packet.pts if first is None else min(first, packet.pts)
            last = packet.pts if last is None else max(last, packet.pts)
            end = max(end or first, packet.pts + (packet.duration or 0))
    fps = nominal_fps(media.stream)
    num_frames = max(num_frames, 1)
    if first is None or end is None:
        return Timing(num_frames=num_frames, duration_seconds=num_frames / fps, fps=fps)
    if end == last:
        end += round(1 / fps / time_base)
    duration = (end - first) * time_base
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
