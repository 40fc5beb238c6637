"""Reads the convolutions of a TFLite file as float32: just enough of its FlatBuffers layout.

Field numbers are those of TensorFlow Lite's public schema (version 3). Quantised constants become
`scale * (stored - zero_point)`; biases are stored as int32 in the same way.
"""

from __future__ import annotations

import struct
from pathlib import Path

import flatbuffers
import numpy as np
from flatbuffers.table import Table

from beholder.errors import ModelError

IDENTIFIER = b"TFL3"
CONV_2D, DEPTHWISE_CONV_2D = 3, 4
DTYPES = {0: "<f4", 2: "<i4", 3: "u1", 9: "i1"}
"""TFLite's tensor types that weights and biases come in."""

_UOFFSET = flatbuffers.number_types.UOffsetTFlags
_UINT32 = flatbuffers.number_types.Uint32Flags
_INT32 = flatbuffers.number_types.Int32Flags
_INT8 = flatbuffers.number_types.Int8Flags

# Numbers of the fields that are read.
_MODEL_CODES, _MODEL_SUBGRAPHS, _MODEL_BUFFERS = 1, 2, 4
_GRAPH_TENSORS, _GRAPH_OPERATORS = 0, 3
_TENSOR_SHAPE, _TENSOR_TYPE, _TENSOR_BUFFER, _TENSOR_QUANTIZATION = 0, 1, 2, 4
_SCALE, _ZERO_POINT = 2, 3


def read_convolutions(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read weight and bias of every convolution, plain or depthwise, in the order they run.

    Returns:
        float32 pairs ([out, in / groups, kernel, kernel], [out]), as torch lays them out.

    Raises:
        ModelError: Not a TFLite file, or one that is cut short.
    """
    data = path.read_bytes()
    if data[4:8] != IDENTIFIER:
        raise ModelError(f"expected a TFLite file at {str(path)!r}, found something else")
    try:
        return _Reader(data).convolutions()
    except (struct.error, IndexError, KeyError, ValueError, TypeError) as error:
        raise ModelError(
            f"expected a whole TFLite file at {str(path)!r}, it ends early or is damaged: {error}; "
            "fetch it again"
        ) from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        model = Table(data, struct.unpack_from("<I", data)[0])
        self._codes = _tables(model, _MODEL_CODES)
        self._buffers = _tables(model, _MODEL_BUFFERS)
        graph = _tables(model, _MODEL_SUBGRAPHS)[0]
        self._tensors = _tables(graph, _GRAPH_TENSORS)
        self._operators = _tables(graph, _GRAPH_OPERATORS)

    def convolutions(self) -> list[tuple[np.ndarray, np.ndarray]]:
        found = []
        for operator in self._operators:
            code = _scalar(self._codes[_scalar(operator, 0, _UINT32)], 0, _INT8)
            if code not in (CONV_2D, DEPTHWISE_CONV_2D):
                continue
            _, weight, bias = _numbers(operator, 1, "<i4")[:3]
            # [out, kernel, kernel, in], but [1, kernel, kernel, channels] for depthwise.
            order = (0, 3, 1, 2) if code == CONV_2D else (3, 0, 1, 2)
            found.append((self._constant(weight).transpose(order), self._constant(bias)))
        return found

    def _constant(self, index: int) -> np.ndarray:
        tensor = self._tensors[index]
        dtype = DTYPES[_scalar(tensor, _TENSOR_TYPE, _INT8)]
        stored = _numbers(self._buffers[_scalar(tensor, _TENSOR_BUFFER, _UINT32)], 0, "u1")
        values = stored.view(dtype).reshape(_numbers(tensor, _TENSOR_SHAPE, "<i4"))
        if dtype == "<f4":
            return values
        quantization = _tables(tensor, _TENSOR_QUANTIZATION, vector=False)[0]
        scale = _numbers(quantization, _SCALE, "<f4").astype(np.float64)
        zero_point = _numbers(quantization, _ZERO_POINT, "<i8")
        if scale.size != 1:
            raise ValueError("quantised per channel, expected one scale per tensor")
        return ((values.astype(np.float64) - zero_point) * scale).astype(np.float32)


def _scalar(table: Table, field: int, flags: type) -> int:
    """Read a number; 0, its default, where it is absent."""
    offset = table.Offset(4 + 2 * field)
    return int(table.Get(flags, table.Pos + offset)) if offset else 0


def _numbers(table: Table, field: int, dtype: str) -> np.ndarray:
    """Read a vector of numbers, empty where it is absent."""
    offset = table.Offset(4 + 2 * field)
    if not offset:
        return np.zeros(0, dtype)
    start, count = table.Vector(offset), table.VectorLen(offset)
    return np.frombuffer(table.Bytes, dtype, count, start)


def _tables(table: Table, field: int, *, vector: bool = True) -> list[Table]:
    """Read a vector of tables, or the one table of a field."""
    offset = table.Offset(4 + 2 * field)
    if not offset:
        raise ValueError(f"field {field} is missing")
    if not vector:
        return [Table(table.Bytes, table.Indirect(table.Pos + offset))]
    start, count = table.Vector(offset), table.VectorLen(offset)
    return [Table(table.Bytes, table.Indirect(start + 4 * i)) for i in range(count)]
