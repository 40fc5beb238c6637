"""Open a file with FFmpeg, and let none of FFmpeg's exceptions out.

FFmpeg gets a file descriptor instead of a name. So no name can be taken for a pattern (`%03d`), an
option or a protocol, its suffix cannot choose a parser, and with only the `fd` protocol allowed, a
file cannot make FFmpeg open another file or a network address.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.stream import Discard, Disposition
from av.video.stream import VideoStream

from beholder.errors import Damaged, NotMedia, NoVideoStream, TooLarge
from beholder.media.formats import ALLOWED_DEMUXERS, STILL_BRANDS
from beholder.media.guard import MAX_PIXELS, check_pixels, open_plain_file
from beholder.media.header import Header, read_header

NO_FRAME = (
    "expected at least one frame, found none that can be decoded; copy or export the file again"
)
_NOT_THE_PICTURE = Disposition.attached_pic | Disposition.timed_thumbnails


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """An open file and the stream that holds its picture; valid inside `open_media` only."""

    container: InputContainer
    stream: VideoStream
    header: Header
    size_bytes: int


@contextmanager
def open_media(path: str) -> Iterator[Media]:
    """Open a file and choose its picture stream.

    Raises:
        MediaError: The right branch of the tree for whatever is wrong; also in place of any
            exception of FFmpeg inside the `with` block.
    """
    descriptor = open_plain_file(path)
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            size_bytes = os.fstat(descriptor).st_size
            header = read_header(file, size_bytes)
        _check_header(header)
        os.lseek(descriptor, 0, os.SEEK_SET)
        container = _open_container(descriptor, header)
    finally:
        os.close(descriptor)
    with container, translated_errors():
        stream = choose_stream(container)
        yield Media(container=container, stream=stream, header=header, size_bytes=size_bytes)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise our own errors in place of those of FFmpeg and of the operating system."""
    try:
        yield
    except MemoryError as error:
        raise TooLarge(
            "expected a picture that fits into memory, found no memory left; "
            "shrink it or score fewer files at once"
        ) from error
    except (av.FFmpegError, OSError, ValueError, ArithmeticError) as error:
        # Arithmetic: forged time bases and durations leave the range of FFmpeg's integers.
        raise Damaged(
            f"expected readable picture data, found: {_reason(error)}; "
            "copy or export the file again"
        ) from error


def _check_header(header: Header) -> None:
    check_pixels(header.width_px, header.height_px)
    if not header.is_whole:
        raise Damaged(
            "expected a file as long as its header says, found that its end is missing; "
            "copy or export it again"
        )
    if header.is_animated_webp:
        raise NotMedia(
            "expected a format that FFmpeg can decode, found an animated WebP; "
            "convert it to GIF or MP4"
        )


def _open_container(descriptor: int, header: Header) -> InputContainer:
    options = {
        "fd": str(descriptor),
        "protocol_whitelist": "fd",
        "format_whitelist": ",".join(sorted(ALLOWED_DEMUXERS)),
    }
    probing = {"max_pixels": str(MAX_PIXELS)}
    # FFmpeg decodes the first frames to learn what is in a file. Here that costs half the time of
    # opening, or a whole picture, and tells nothing: ISO files say all, a still is decoded anyway.
    if header.demuxer is not None:
        options["codec_whitelist"] = "none"
    if header.is_iso:
        probing["skip_frame"] = "all"
    try:
        return av.open(
            "fd:",
            format=header.demuxer,
            options=probing,
            container_options=options,
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        if header.is_known:
            raise Damaged(
                "expected a complete media file, found a beginning that cannot be opened: "
                f"{_reason(error)}; copy or export the file again"
            ) from error
        raise NotMedia(
            "expected an image or video, found a format that is neither; "
            "check what the file really holds"
        ) from error


def choose_stream(container: InputContainer) -> VideoStream:
    """Choose the stream a player would show, and switch the others off.

    Raises:
        NoVideoStream: There is sound only, or no more than cover art.
        NotMedia: FFmpeg cannot decode the picture, or gives it in tiles.
        TooLarge: Its header claims too many pixels.
    """
    streams = [s for s in container.streams.video if not s.disposition & _NOT_THE_PICTURE]
    decodable = [s for s in streams if s.codec_context is not None]
    if not streams:
        kinds = {"cover art" if s.type == "video" else s.type for s in container.streams}
        found = ", ".join(sorted(kinds)) or "no streams"
        raise NoVideoStream(
            f"expected a picture, found only: {found}; give a file with an image or video"
        )
    if not decodable:
        raise NotMedia(
            "expected a codec that FFmpeg can decode, found an unknown one; "
            "convert the file to H.264"
        )
    is_still = container.metadata.get("major_brand") in STILL_BRANDS
    if is_still and len(decodable) > 1 and not any(_is_default(s) for s in decodable):
        raise NotMedia(
            "expected a picture in one piece, found a HEIF file of tiles, which FFmpeg gives "
            "one by one; convert it to JPEG or PNG"
        )
    # An animated AVIF holds its cover as a second, still stream.
    chosen = max(
        decodable,
        key=lambda s: (_is_default(s), s.frames > 1, s.width * s.height),
    )
    check_pixels(chosen.width, chosen.height)
    chosen.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
    for stream in container.streams:
        stream.discard = Discard.default if stream is chosen else Discard.all
    return chosen


def _is_default(stream: VideoStream) -> bool:
    return bool(stream.disposition & Disposition.default)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
