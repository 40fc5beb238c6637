"""Starting weights: the convolutions of a public MobileNetV1, read from a TFLite or ONNX file.

The file must hold the network with batch normalisation folded in, as TFLite releases do. Only the
numbers of the convolutions are used, in the order in which they run, so their names do not matter.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from beholder.errors import MissingExtra, ModelError
from beholder.models import tflite
from beholder.models.embedded import Convolution, EmbeddedModel

if TYPE_CHECKING:
    import onnx

MAX_BYTES = 200_000_000


def load_start(model: EmbeddedModel, path: str | Path) -> None:
    """Copy the convolutions of a file into the trunk.

    Args:
        model: Its trunk is overwritten; its head is not touched.
        path: TFLite (by its suffix) or ONNX file of a MobileNetV1 of the same width.

    Raises:
        ModelError: Another number of convolutions, or other shapes.
        MissingExtra: The package `onnx` is not installed.
    """
    found = read_convolutions(path)
    wanted = [m.convolve for m in model.modules() if isinstance(m, Convolution)]
    if len(found) < len(wanted):
        raise ModelError(
            f"expected {len(wanted)} convolutions with bias in {str(path)!r}, found {len(found)}; "
            "use a MobileNetV1 1.0 with folded batch normalisation"
        )
    for number, (layer, (weight, bias)) in enumerate(zip(wanted, found, strict=False)):
        if tuple(layer.weight.shape) != weight.shape:
            raise ModelError(
                f"expected convolution {number} of shape {tuple(layer.weight.shape)} in "
                f"{str(path)!r}, found {weight.shape}; use a MobileNetV1 1.0"
            )
        state = {"weight": torch.from_numpy(weight.copy()), "bias": torch.from_numpy(bias.copy())}
        layer.load_state_dict(state)


def read_convolutions(path: str | Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Read weight and bias of every convolution of a network, in order.

    Args:
        path: A file that ends in `.tflite`, or an ONNX file.

    Returns:
        float32 pairs ([out, in / groups, kernel, kernel], [out]).

    Raises:
        ModelError: No such file, another format, too large, or weights that are not constants.
        MissingExtra: The package `onnx` is not installed.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"expected starting weights at {str(path)!r}, found no file")
    if path.stat().st_size > MAX_BYTES:
        raise ModelError(f"expected at most {MAX_BYTES} bytes in {str(path)!r}; is it MobileNetV1?")
    if path.suffix == ".tflite":
        return tflite.read_convolutions(path)
    return _read_onnx(path)


def _read_onnx(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError as error:
        raise MissingExtra("onnx", "train") from error
    graph = _load(path).graph
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            value = node.attribute[0]
            if value.type == onnx.AttributeProto.TENSOR:
                constants[node.output[0]] = numpy_helper.to_array(value.t)
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    try:
        return [(constants[n.input[1]], constants[n.input[2]]) for n in convolutions]
    except (KeyError, IndexError) as error:
        raise ModelError(
            f"expected convolutions with constant weight and bias in {str(path)!r}; "
            "fold its batch normalisation and quantisation first"
        ) from error


def _load(path: Path) -> onnx.ModelProto:
    import onnx
    from google.protobuf.message import DecodeError

    try:
        return onnx.load(str(path), load_external_data=False)
    except DecodeError as error:
        raise ModelError(f"expected an ONNX file at {str(path)!r}: {error}") from error
