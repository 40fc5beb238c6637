"""Reads the card inside an ONNX file without a runtime, which takes a tenth of a second to load.

An ONNX file is a `ModelProto` message of Protocol Buffers: fields one after the other, each a tag
(number and kind), for most kinds a length, and the bytes. Metadata are the fields of number 14, one
text pair each; all others, the weights first of all, are stepped over.
"""

from __future__ import annotations

from collections.abc import Iterator

from beholder.cards import METADATA_KEY, ModelCard
from beholder.errors import ModelError

EXPECTED = "an ONNX file that Beholder exported; see: beholder export --help"

_METADATA, _KEY, _VALUE = 14, 1, 2
_VARINT, _EIGHT_BYTES, _COUNTED, _FOUR_BYTES = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10


def card_inside(model: bytes) -> ModelCard:
    """Return the card of a model from the bytes of its file.

    Raises:
        ModelError: Not a whole ONNX file, or without a card.
    """
    try:
        text = read_metadata(model).get(METADATA_KEY)
    except ValueError as error:
        wanted, _, advice = EXPECTED.partition("; ")
        raise ModelError(
            f"expected {wanted}, the file cannot be read: {error}; {advice}"
        ) from error
    if text is None:
        raise ModelError(
            f"expected a model card under {METADATA_KEY!r} in the file's metadata, found none; "
            "see: beholder export --help"
        )
    return ModelCard.from_json(text)


def read_metadata(model: bytes) -> dict[str, str]:
    """Return the metadata of an ONNX file.

    Raises:
        ValueError: These bytes are no whole Protocol Buffers message.
    """
    pairs = (dict(_fields(pair)) for number, pair in _fields(model) if number == _METADATA)
    return {_text(pair, _KEY): _text(pair, _VALUE) for pair in pairs}


def _fields(message: bytes | memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield number and bytes of each field that has a length; step over numbers."""
    view, position = memoryview(message), 0
    while position < len(view):
        tag, position = _varint(view, position)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            _, position = _varint(view, position)
            continue
        if kind == _COUNTED:
            length, position = _varint(view, position)
        elif kind in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"expected a known kind of field, found {kind}")
        if number == 0 or position + length > len(view):
            raise ValueError(f"expected field {number} to lie inside the message")
        yield number, view[position : position + length]
        position += length


def _varint(view: memoryview, position: int) -> tuple[int, int]:
    """Return a number, of which each byte holds 7 bits, lowest first, and what follows it."""
    value = 0
    for index, byte in enumerate(view[position : position + _MAX_VARINT_BYTES]):
        value |= (byte & 127) << 7 * index
        if byte < 128:
            return value, position + index + 1
    raise ValueError("expected a number of at most 10 bytes")


def _text(fields: dict[int, memoryview], number: int) -> str:
    return bytes(fields.get(number, b"")).decode("utf-8")
