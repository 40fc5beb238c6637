"""What a file holds, learnt from its header and at most one decoded frame."""

from __future__ import annotations

import os
from fractions import Fraction

import av

from beholder.errors import Damaged
from beholder.media.color import interpret_color, pixel_format_has_alpha
from beholder.media.container import IMAGE_DEMUXERS, Media, open_media
from beholder.media.guard import check_pixels
from beholder.media.orientation import from_frame
from beholder.records import MediaInfo

IMAGE_SUFFIXES = frozenset(
    (
        *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".tif", ".tiff", ".bmp"),
        *(".jp2", ".j2k", ".jxl", ".ppm", ".pgm", ".pbm", ".pam", ".pcx", ".dpx", ".sgi", ".qoi"),
    )
)
VIDEO_SUFFIXES = frozenset(
    (
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".m2ts", ".mts", ".mpg", ".mpeg"),
        *(".vob", ".flv", ".wmv", ".asf", ".ogv", ".ogg", ".3gp", ".3g2", ".mxf", ".gif", ".apng"),
        *(
            ".ivf",
            ".y4m",
            ".h264",
            ".264",
            ".avc",
            ".h265",
            ".265",
            ".hevc",
            ".obu",
            ".nut",
            ".mjpeg",
        ),
    )
)
_MAX_SAMPLE_ASPECT = 4
_FALLBACK_FPS = Fraction(25)


def probe(path: str | os.PathLike[str]) -> MediaInfo:
    """Describe an image or video file.

    Reads the header, decodes one frame (its side data tell orientation and colour), and goes through the
    packets without decoding them where the container does not tell duration or frame count.

    Args:
        path: A plain file; the name is taken literally.

    Raises:
        MediaError: The path cannot be read, holds no picture, is damaged or too large.
    """
    path = os.fspath(path)
    with open_media(path) as media:
        return _describe(path, media)


def _describe(path: str, media: Media) -> MediaInfo:
    frame = _first_frame(media)
    is_image = media.container.format.name in IMAGE_DEMUXERS
    orientation = from_frame(frame)
    width_px, height_px = stretched_size(
        frame, None if is_image else media.stream.sample_aspect_ratio
    )
    if orientation.swaps_sides:
        width_px, height_px = height_px, width_px
    check_pixels(width_px, height_px)
    fps = media.stream.guessed_rate or _FALLBACK_FPS
    num_frames = media.stream.frames or max(
        1, round(fps * Fraction(media.container.duration or 0, 10**6))
    )
    return MediaInfo(
        path=path,
        kind="image" if is_image else "video",
        width_px=width_px,
        height_px=height_px,
        rotation_degrees=orientation.rotation_degrees,
        mirrored=orientation.mirrored,
        fps=None if is_image else float(fps),
        duration_seconds=None if is_image else float(num_frames / fps),
        num_frames=1 if is_image else num_frames,
        codec=media.stream.codec_context.codec.canonical_name,
        pixel_format=frame.format.name,
        bits_per_channel=max(c.bits for c in frame.format.components),
        color=interpret_color(frame, is_image=is_image),
        interlaced=frame.interlaced_frame,
        has_alpha=pixel_format_has_alpha(frame.format.name),
    )


def _first_frame(media: Media) -> av.VideoFrame:
    for frame in media.container.decode(media.stream):
        return frame
    raise Damaged(
        "expected at least one frame, found none that can be decoded; copy or export the file again"
    )


def stretched_size(frame: av.VideoFrame, sample_aspect: Fraction | None) -> tuple[int, int]:
    """Width and height of a frame with square samples; a side only ever grows, so nothing is lost."""
    aspect = sample_aspect or Fraction(1)
    if not Fraction(1, _MAX_SAMPLE_ASPECT) <= aspect <= _MAX_SAMPLE_ASPECT:
        return frame.width, frame.height
    if aspect >= 1:
        return round(frame.width * aspect), frame.height
    return frame.width, round(frame.height / aspect)
