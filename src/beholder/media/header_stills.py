"""The structure of JPEG, PNG, WebP, TIFF, GIF and BMP files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import BinaryIO

from beholder.media.exif import orientation_from_exif_value, read_tiff_tags, upright_from_exif
from beholder.media.orientation import Orientation

_EXIF_MARK = b"Exif\0\0"
_JPEG_START, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_MAX_APPENDED_JPEGS = 2
_WEBP_ANIMATION = 0x02
_BMP_INFO_BYTES = (12, 40, 52, 56, 64, 108, 124)
"""Sizes of the second header, by version."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What a file's own header tells; the defaults stand for what is left to FFmpeg."""

    is_known: bool = True
    """The first bytes are those of an image or video format."""
    is_whole: bool = True
    """The file is as long as its own header says."""
    width_px: int = 0
    """As stored; 0 where only FFmpeg can tell."""
    height_px: int = 0
    orientation: Orientation | None = None
    """None where FFmpeg tells."""
    is_animated_webp: bool = False
    demuxer: str | None = None
    """FFmpeg's name of the format, for single pictures: it is slow to recognise them itself."""
    is_iso: bool = False
    """An MP4, MOV, AVIF or HEIF file."""


def read_jpeg(file: BinaryIO, size_bytes: int) -> Header:
    """Walk the segments of a JPEG (ITU-T T.81, annex B); whole means: an end marker follows."""
    width_px = height_px = 0
    exif = b""
    position = 2
    while position + 4 <= size_bytes:
        file.seek(position)
        mark, kind, high, low = file.read(4)
        if mark != 0xFF:
            break
        length = high << 8 | low
        # Frame headers are C0..CF, save for DHT, JPG and DAC.
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            body = file.read(5)
            height_px, width_px = int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
        elif kind == 0xE1 and not exif:
            body = file.read(max(length - 2, 0))
            exif = body[len(_EXIF_MARK) :] if body.startswith(_EXIF_MARK) else b""
        elif kind == 0xDA:
            content = file.read()
            # A camera may append a gain map or a second view; more pictures are a video stream.
            is_stream = content.count(_JPEG_END + _JPEG_START) > _MAX_APPENDED_JPEGS
            return Header(
                width_px=width_px,
                height_px=height_px,
                orientation=upright_from_exif(exif),
                is_whole=_JPEG_END in content,
                demuxer="jpeg_pipe" if width_px and not is_stream else None,
            )
        # A fill byte before a marker is the one thing without a length.
        position += 1 if kind == 0xFF else 2 + length
    return Header(
        width_px=width_px, height_px=height_px, orientation=upright_from_exif(exif), is_whole=False
    )


def read_png(file: BinaryIO, size_bytes: int) -> Header:
    """Walk the chunks of a PNG; whole means: up to the IEND chunk."""
    width_px = height_px = 0
    exif = b""
    demuxer: str | None = "png_pipe"
    position = 8
    while position + 8 <= size_bytes:
        file.seek(position)
        length, kind = int.from_bytes(file.read(4)), file.read(4)
        if kind == b"IHDR":
            width_px, height_px = int.from_bytes(file.read(4)), int.from_bytes(file.read(4))
        elif kind == b"eXIf" and position + length <= size_bytes:
            exif = file.read(length)
        elif kind == b"acTL":  # animated
            demuxer = None
        elif kind == b"IEND":
            return Header(
                width_px=width_px,
                height_px=height_px,
                orientation=upright_from_exif(exif),
                demuxer=demuxer,
            )
        position += 12 + length
    return Header(
        width_px=width_px, height_px=height_px, orientation=upright_from_exif(exif), is_whole=False
    )


def read_webp(file: BinaryIO, size_bytes: int) -> Header:
    """Walk the chunks of a WebP; whole means: as long as the RIFF header says."""
    end = int.from_bytes(file.read(8)[4:], "little") + 8
    width_px = height_px = 0
    exif = b""
    is_animated = False
    position = 12
    while position + 8 <= min(end, size_bytes):
        file.seek(position)
        kind, length = file.read(4), int.from_bytes(file.read(4), "little")
        if kind in (b"VP8X", b"VP8 ", b"VP8L") and not width_px:
            body = file.read(10)
            width_px, height_px = _webp_size(kind, body)
            is_animated = kind == b"VP8X" and bool(int.from_bytes(body[:1]) & _WEBP_ANIMATION)
        elif kind == b"EXIF" and position + length <= size_bytes:
            exif = file.read(length).removeprefix(_EXIF_MARK)
        position += 8 + length + length % 2
    return Header(
        width_px=width_px,
        height_px=height_px,
        orientation=upright_from_exif(exif),
        is_whole=end <= size_bytes,
        is_animated_webp=is_animated,
        demuxer="webp_pipe",
    )


def read_tiff(file: BinaryIO, size_bytes: int) -> Header:
    """Read the first directory of a TIFF; whole means: all strips or tiles lie within the file."""
    tags = read_tiff_tags(file)
    segments = zip(tags.segment_offsets, tags.segment_sizes, strict=False)
    return Header(
        width_px=tags.width_px,
        height_px=tags.height_px,
        orientation=orientation_from_exif_value(tags.orientation),
        is_whole=max((at + length for at, length in segments), default=0) <= size_bytes,
        demuxer="tiff_pipe",
    )


def read_gif(file: BinaryIO, size_bytes: int) -> Header:
    """Walk the blocks of a GIF (GIF89a, appendix A); whole means: no block is cut.

    The trailer is not asked for, because many encoders leave it out.
    """
    start = file.read(13)
    header = Header(
        width_px=int.from_bytes(start[6:8], "little"),
        height_px=int.from_bytes(start[8:10], "little"),
    )
    file.seek(_color_table_bytes(start[10:11]), 1)
    while kind := file.read(1):
        if kind == b"\x2c":
            descriptor = file.read(9)
            file.seek(_color_table_bytes(descriptor[8:]) + 1, 1)
        elif kind == b"\x21":
            file.seek(1, 1)
        else:  # the trailer, or junk after it
            break
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], 1)
        else:
            return replace(header, is_whole=False)
    return replace(header, is_whole=file.tell() <= size_bytes)


def read_bmp(file: BinaryIO, _size_bytes: int) -> Header:
    """Read the size of a Windows bitmap; FFmpeg itself refuses one that is cut."""
    start = file.read(26)
    info_bytes = int.from_bytes(start[14:18], "little")
    # The two letters of the mark are no proof: a text may begin with them.
    if start[6:10] != bytes(4) or info_bytes not in _BMP_INFO_BYTES:
        return Header(is_known=False)
    if info_bytes == _BMP_INFO_BYTES[0]:  # OS/2: 16 bits each
        width_px = int.from_bytes(start[18:20], "little")
        height_px = int.from_bytes(start[20:22], "little")
    else:
        width_px = int.from_bytes(start[18:22], "little", signed=True)
        height_px = int.from_bytes(start[22:26], "little", signed=True)
    return Header(width_px=abs(width_px), height_px=abs(height_px), demuxer="bmp_pipe")


def _color_table_bytes(flags: bytes) -> int:
    """Bytes of the colour table that a GIF's packed field announces."""
    packed = flags[0] if flags else 0
    return 3 * 2 ** ((packed & 7) + 1) if packed & 0x80 else 0


def _webp_size(kind: bytes, body: bytes) -> tuple[int, int]:
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    # Lossy: three bytes of frame tag, three of start code, then 14 bits each.
    width_px = int.from_bytes(body[6:8], "little") & 0x3FFF
    return width_px, int.from_bytes(body[8:10], "little") & 0x3FFF
