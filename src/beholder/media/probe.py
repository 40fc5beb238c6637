"""What a file holds, learnt from its header and at most one decoded frame."""

from __future__ import annotations

import os
from fractions import Fraction

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from beholder.errors import Damaged
from beholder.media.color import interpret_color, is_transparent
from beholder.media.container import NO_FRAME, Media, open_media
from beholder.media.formats import ANIMATION_DEMUXERS, IMAGE_DEMUXERS, STILL_BRANDS
from beholder.media.guard import check_pixels
from beholder.media.orientation import from_frame
from beholder.media.timing import PacketCounter, Timing, needs_counting, read_timing
from beholder.records import ColorInfo, MediaInfo

_MAX_SAMPLE_ASPECT = 4
_INTERLACED_ORDERS = range(2, 6)  # FFmpeg's AV_FIELD_TT, BB, TB, BT


def probe(path: str | os.PathLike[str]) -> MediaInfo:
    """Describe an image or video file.

    Reads the header, decodes one frame (its side data tell orientation and colour), and goes
    through the packets without decoding them where the container does not tell duration or frame
    count.

    Args:
        path: A plain file; the name is taken literally.

    Raises:
        MediaError: The path cannot be read, holds no picture, is damaged or too large.
    """
    path = os.fspath(path)
    with open_media(path) as media:
        frame, timing = _survey(media)
        return _describe(path, media, frame, timing)


def _survey(media: Media) -> tuple[av.VideoFrame, Timing]:
    """Decode the first frame, and count the packets where that is needed, in one pass."""
    counter = PacketCounter(media.stream) if needs_counting(media) else None
    frame: av.VideoFrame | None = None
    for packet in media.container.demux(media.stream):
        if counter is not None:
            counter.add(packet)
        if frame is None:
            frame = _decode_one(media.stream.codec_context, packet)
        if frame is not None and counter is None:
            break
    if frame is None:
        raise Damaged(NO_FRAME)
    return frame, read_timing(media) if counter is None else counter.timing()


def _decode_one(context: VideoCodecContext, packet: Packet[VideoStream]) -> av.VideoFrame | None:
    """Decode one packet and, if it is a keyframe, ask for its frame at once, ahead of B-frames."""
    try:
        frames = context.decode(packet)
        if not frames and packet.is_keyframe:
            frames = context.decode(None)
            context.flush_buffers()
    except av.error.InvalidDataError:  # a recording may begin in the middle of a group of pictures
        return None
    return frames[0] if frames else None


def _describe(path: str, media: Media, frame: av.VideoFrame, timing: Timing) -> MediaInfo:
    stream = media.stream
    is_image = _is_image(media, timing)
    orientation = media.header.orientation or from_frame(frame)
    aspect = None if is_image else stream.sample_aspect_ratio
    width_px, height_px = stretched_size(frame, aspect)
    check_pixels(width_px, height_px)
    if orientation.swaps_sides:
        width_px, height_px = height_px, width_px
    color = interpret_color(frame, is_image=is_image)
    has_alpha = is_transparent(frame)
    interlaced = not is_image and (
        frame.interlaced_frame or stream.codec_context.field_order in _INTERLACED_ORDERS
    )
    return MediaInfo(
        path=path,
        kind="image" if is_image else "video",
        width_px=width_px,
        height_px=height_px,
        rotation_degrees=orientation.rotation_degrees,
        mirrored=orientation.mirrored,
        fps=None if is_image else float(timing.fps),
        duration_seconds=None if is_image else float(timing.duration_seconds),
        num_frames=1 if is_image else timing.num_frames,
        codec=stream.codec_context.codec.canonical_name,
        pixel_format=frame.format.name,
        bits_per_channel=max(c.bits for c in frame.format.components),
        color=color,
        interlaced=interlaced,
        has_alpha=has_alpha,
        notes=_notes(color, interlaced=interlaced, has_alpha=has_alpha),
    )


def _is_image(media: Media, timing: Timing) -> bool:
    container = media.container
    if container.format.name in IMAGE_DEMUXERS:
        return True
    may_be_still = container.format.name in ANIMATION_DEMUXERS or (
        container.metadata.get("major_brand") in STILL_BRANDS
    )
    return may_be_still and timing.num_frames == 1


def _notes(color: ColorInfo, *, interlaced: bool, has_alpha: bool) -> tuple[str, ...]:
    notes = []
    if color.transfer != "sdr":
        notes.append(f"tone-mapped from {color.transfer} to sdr")
    if interlaced:
        notes.append("interlaced: frames are scored as stored, without deinterlacing")
    if has_alpha:
        notes.append("transparent parts are shown on white")
    return tuple(notes)


def stretched_size(frame: av.VideoFrame, sample_aspect: Fraction | None) -> tuple[int, int]:
    """Width and height with square samples; a side only ever grows, so that nothing is lost."""
    aspect = sample_aspect or Fraction(1)
    if not Fraction(1, _MAX_SAMPLE_ASPECT) <= aspect <= _MAX_SAMPLE_ASPECT:
        return frame.width, frame.height
    if aspect >= 1:
        return round(frame.width * aspect), frame.height
    return frame.width, round(frame.height / aspect)
