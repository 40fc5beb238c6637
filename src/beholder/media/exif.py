"""TIFF directories: the header of TIFF files, and of the EXIF block inside JPEG, PNG and WebP."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from beholder.media.orientation import Orientation

_WIDTH, _HEIGHT, _ORIENTATION = 256, 257, 274
_SEGMENT_OFFSETS, _SEGMENT_SIZES = (273, 324), (279, 325)  # strips, tiles
_MAX_VALUES = 2**20
"""More values than this in one tag are not read: a forged count must not take memory."""
_INTEGERS = {1: "B", 3: "H", 4: "I"}

# EXIF 2.32, table 6, as: flip left to right, then turn clockwise.
_EXIF_ORIENTATIONS = {
    1: Orientation(),
    2: Orientation(0, True),
    3: Orientation(180),
    4: Orientation(180, True),
    5: Orientation(270, True),
    6: Orientation(90),
    7: Orientation(90, True),
    8: Orientation(270),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TiffTags:
    """The few tags of the first directory that matter here; 0 or empty where absent."""

    width_px: int = 0
    height_px: int = 0
    orientation: int = 1
    segment_offsets: tuple[int, ...] = ()
    """Where the strips or tiles of pixels begin, in bytes."""
    segment_sizes: tuple[int, ...] = ()


def read_tiff_tags(file: BinaryIO) -> TiffTags:
    """Read the first directory of a TIFF block; what is cut or malformed counts as absent."""
    try:
        entries = _read_entries(file)
    except struct.error:
        return TiffTags()

    def first(tag: int, default: int) -> int:
        return entries.get(tag, (default,))[0]

    return TiffTags(
        width_px=first(_WIDTH, 0),
        height_px=first(_HEIGHT, 0),
        orientation=first(_ORIENTATION, 1),
        segment_offsets=next((entries[t] for t in _SEGMENT_OFFSETS if t in entries), ()),
        segment_sizes=next((entries[t] for t in _SEGMENT_SIZES if t in entries), ()),
    )


def upright_from_exif(exif: bytes) -> Orientation:
    """Read the orientation from an EXIF block; upright where there is none or it is malformed."""
    return orientation_from_exif_value(read_tiff_tags(io.BytesIO(exif)).orientation)


def orientation_from_exif_value(value: int) -> Orientation:
    """Translate EXIF's 1..8; any other value counts as upright."""
    return _EXIF_ORIENTATIONS.get(value, Orientation())


def _read_entries(file: BinaryIO) -> dict[int, tuple[int, ...]]:
    file.seek(0)
    order = ">" if file.read(2) == b"MM" else "<"
    (directory,) = _unpack(file, order + "I", 4)
    (count,) = _unpack(file, order + "H", directory)
    entries: dict[int, tuple[int, ...]] = {}
    for number in range(count):
        at = directory + 2 + 12 * number
        tag, kind, length = _unpack(file, order + "HHI", at)
        letter = _INTEGERS.get(kind)
        if letter is None or not 0 < length <= _MAX_VALUES:
            continue
        layout = f"{order}{length}{letter}"
        at += 8
        if struct.calcsize(layout) > 4:
            (at,) = _unpack(file, order + "I", at)
        entries[tag] = _unpack(file, layout, at)
    return entries


def _unpack(file: BinaryIO, layout: str, at: int) -> tuple[Any, ...]:
    file.seek(at)
    return struct.unpack(layout, file.read(struct.calcsize(layout)))
