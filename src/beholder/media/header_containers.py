"""Is a video file as long as its own boxes say? Only box headers are read, never the data."""

from __future__ import annotations

from typing import BinaryIO

_SEGMENT_ID = b"\x18\x53\x80\x67"
_ISO_PAYLOAD = (b"moov", b"moof", b"mdat", b"meta")


def is_iso_whole(file: BinaryIO, size_bytes: int) -> bool:
    """MP4, MOV, AVIF: no box with content reaches past the end; junk after the last may stay."""
    position = 0
    while position + 8 <= size_bytes:
        file.seek(position)
        length, kind = int.from_bytes(file.read(4)), file.read(4)
        if length == 1:
            length = int.from_bytes(file.read(8))
        if length == 0:  # to the end of the file
            return True
        if length < 8:
            return True
        position += length
        if position > size_bytes and kind in _ISO_PAYLOAD:
            return False
    return True


def is_matroska_whole(file: BinaryIO, size_bytes: int) -> bool:
    """Matroska, WebM: the segment ends within the file, or its length is unknown (live)."""
    file.seek(4)
    header_length = _read_variable_length(file)
    if header_length is None:
        return True
    file.seek(header_length, 1)
    if file.read(4) != _SEGMENT_ID:
        return True
    segment_length = _read_variable_length(file)
    return segment_length is None or file.tell() + segment_length <= size_bytes


def is_avi_whole(file: BinaryIO, size_bytes: int) -> bool:
    """AVI: the first RIFF chunk ends within the file."""
    return int.from_bytes(file.read(8)[4:], "little") + 8 <= size_bytes


def _read_variable_length(file: BinaryIO) -> int | None:
    """An EBML length (RFC 8794, section 4); None where it is unknown or malformed."""
    first = int.from_bytes(file.read(1))
    num_more = 8 - first.bit_length()
    if num_more > 7:
        return None
    value = (first & 0x7F >> num_more) << 8 * num_more | int.from_bytes(file.read(num_more))
    is_unknown = value == (1 << 7 * (num_more + 1)) - 1
    return None if is_unknown else value
