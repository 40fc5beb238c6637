"""Reads the metadata of an ONNX file without a runtime, so that a card is there at once.

An ONNX file is a Protocol Buffers message (onnx.proto, `ModelProto`): field 14 holds the metadata,
each entry with its key in field 1 and its value in field 2.
"""

from __future__ import annotations

from collections.abc import Iterator

from beholder.cards import METADATA_KEY, ModelCard
from beholder.errors import ModelError

_METADATA, _KEY, _VALUE = 14, 1, 2
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5


def card_of(model: bytes) -> ModelCard:
    """Return the card inside a model's file.

    Args:
        model: The bytes of an ONNX file.

    Raises:
        ModelError: Not an ONNX file, or one without a card that this version reads.
    """
    try:
        fields = _fields(memoryview(model))
        entries = [dict(_fields(entry)) for number, entry in fields if number == _METADATA]
        metadata = {bytes(e[_KEY]).decode(): bytes(e[_VALUE]).decode() for e in entries}
    except (ValueError, IndexError, KeyError) as error:
        raise ModelError(
            "expected an ONNX file that Beholder exported, the file cannot be read; "
            "see: beholder export --help"
        ) from error
    if METADATA_KEY not in metadata:
        raise ModelError(
            f"expected a model card under {METADATA_KEY!r} in the file's metadata, found none; "
            "see: beholder export --help"
        )
    return ModelCard.from_json(metadata[METADATA_KEY])


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and content of the fields that hold bytes; numbers are passed over."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            _, place = _varint(message, place)
        elif kind == _BYTES:
            size, place = _varint(message, place)
            if place + size > len(message):
                raise ValueError("the file ends early")
            yield tag >> 3, message[place : place + size]
            place += size
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            place += 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"no such kind of field: {kind}")


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """Read a number of seven bits per byte; return it and the place after it."""
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
