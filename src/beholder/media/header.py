"""A file's own header, read without FFmpeg: is it whole, how large is the picture, which way up.

FFmpeg conceals what is missing (a cut JPEG becomes a picture with a grey lower half) and allocates
what a header claims, so both are checked before it sees the file. It also loses mirrored EXIF
orientations on the way through PyAV.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from beholder.media.header_containers import is_avi_whole, is_iso_whole, is_matroska_whole
from beholder.media.header_stills import (
    Header,
    read_bmp,
    read_gif,
    read_jpeg,
    read_png,
    read_tiff,
    read_webp,
)

__all__ = ["Header", "read_header"]


def read_header(file: BinaryIO, size_bytes: int) -> Header:
    """Read a header; a broken one gives what could be read, and FFmpeg then says what is wrong.

    Args:
        file: At any position.
        size_bytes: Size of the file.
    """
    file.seek(0)
    start = file.read(16)
    for offset, magic, read in _FORMATS:
        if start[offset : offset + len(magic)] == magic:
            file.seek(0)
            return Header() if read is None else read(file, size_bytes)
    return Header(is_known=False)


def _iso(file: BinaryIO, size_bytes: int) -> Header:
    return Header(is_whole=is_iso_whole(file, size_bytes), is_iso=True)


def _matroska(file: BinaryIO, size_bytes: int) -> Header:
    return Header(is_whole=is_matroska_whole(file, size_bytes))


def _riff(file: BinaryIO, size_bytes: int) -> Header:
    is_webp = file.read(12)[8:] == b"WEBP"
    file.seek(0)
    if is_webp:
        return read_webp(file, size_bytes)
    return Header(is_whole=is_avi_whole(file, size_bytes))


_FORMATS: tuple[tuple[int, bytes, Callable[[BinaryIO, int], Header] | None], ...] = (
    (0, b"\xff\xd8\xff", read_jpeg),
    (0, b"\x89PNG\r\n\x1a\n", read_png),
    (0, b"RIFF", _riff),
    (0, b"II*\0", read_tiff),
    (0, b"MM\0*", read_tiff),
    (0, b"\x1a\x45\xdf\xa3", _matroska),
    *((4, kind, _iso) for kind in (b"ftyp", b"moov", b"mdat", b"wide", b"free")),
    (0, b"GIF8", read_gif),
    (0, b"BM", read_bmp),
    (0, b"OggS", None),
    (0, b"FLV\x01", None),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", None),  # ASF, WMV
    (0, b"\0\0\x01\xba", None),  # MPEG program stream
    (0, b"\0\0\x01\xb3", None),  # MPEG video
    (0, b"\0\0\0\x01", None),  # H.264 and HEVC without a container
    (0, b"DKIF", None),  # IVF
    (0, b"YUV4MPEG2", None),
    (0, b"\0\0\0\x0cjP", None),  # JPEG 2000
    (0, b"\0\0\0\x0cJXL ", None),
    (0, b"\xff\x0a", None),  # JPEG XL codestream
)
