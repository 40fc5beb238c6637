"""Writes starting weights as files: what a public MobileNet looks like on disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import flatbuffers
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from beholder.models.embedded import EmbeddedModel


def make_onnx(path: Path, model: EmbeddedModel) -> Path:
    """Write the convolutions of a model's trunks, one after the other, as an ONNX graph."""
    nodes, constants = [], []
    for i, layer in enumerate(m for m in model.modules() if isinstance(m, nn.Conv2d)):
        for name, value in (("w", layer.weight), ("b", layer.bias)):
            constants.append(numpy_helper.from_array(value.detach().numpy(), f"{name}{i}"))
        inputs = ["views" if i == 0 else f"x{i - 1}", f"w{i}", f"b{i}"]
        nodes.append(helper.make_node("Conv", inputs, [f"x{i}"], group=layer.groups))
    ports = [
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None)]
        for name in ("views", nodes[-1].output[0])
    ]
    graph = helper.make_graph(nodes, "trunk", *ports, constants)
    onnx.save(helper.make_model(graph), str(path))
    return path


Quantised = tuple[np.ndarray, float, int, np.ndarray, float]
"""Weight uint8 [out, k, k, in], its scale and zero point; bias int32, its scale."""


def make_tflite(path: Path, layers: Sequence[Quantised], *, depthwise: Sequence[bool]) -> Path:
    """Write quantised convolutions as a TFLite file that holds nothing else."""
    b = flatbuffers.Builder(1024)
    buffers, tensors, operators = [], [], []
    for (weight, scale, zero, bias, bias_scale), deep in zip(layers, depthwise, strict=True):
        constants = [(weight, 3, scale, zero), (bias.astype("<i4"), 2, bias_scale, 0)]
        for values, kind, step, offset in constants:
            tensors.append(_tensor(b, values.shape, kind, len(buffers), (step, offset)))
            buffers.append(_table(b, {0: _vector(b, np.frombuffer(values.tobytes(), "u1"))}))
        inputs = np.array([0, len(tensors) - 2, len(tensors) - 1], "<i4")
        operators.append(_table(b, {1: _vector(b, inputs)}, {0: ("Uint32", int(deep))}))
    codes = [_table(b, {}, {0: ("Int8", code)}) for code in (3, 4)]
    graph = _table(b, {0: _offsets(b, tensors), 3: _offsets(b, operators)})
    parts = {1: _offsets(b, codes), 2: _offsets(b, [graph]), 4: _offsets(b, buffers)}
    b.Finish(_table(b, parts), file_identifier=b"TFL3")
    path.write_bytes(bytes(b.Output()))
    return path


def _tensor(b, shape, kind, buffer, quantisation):
    step, offset = quantisation
    quantised = _table(b, {2: _vector(b, np.float32([step])), 3: _vector(b, np.int64([offset]))})
    sizes = _vector(b, np.array(shape, "<i4"))
    return _table(b, {0: sizes, 4: quantised}, {1: ("Int8", kind), 2: ("Uint32", buffer)})


def _vector(b, values):
    return b.CreateNumpyVector(values)


def _offsets(b, tables):
    b.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        b.PrependUOffsetTRelative(table)
    return b.EndVector()


def _table(b, offsets, scalars=None):
    b.StartObject(5)
    for field, offset in offsets.items():
        b.PrependUOffsetTRelativeSlot(field, offset, 0)
    for field, (kind, value) in (scalars or {}).items():
        getattr(b, f"Prepend{kind}Slot")(field, value, 0)
    return b.EndObject()
