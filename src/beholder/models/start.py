"""Starting weights: the convolutions of a public MobileNet, read from a TFLite or ONNX file.

The file must hold the network with batch normalisation folded in, as TFLite releases do. Only the
numbers of the convolutions are used, in the order in which they run, so their names do not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from beholder.errors import MissingExtra, ModelError, UsageError
from beholder.models import tflite
from beholder.models.embedded import EmbeddedModel

if TYPE_CHECKING:
    import onnx

MAX_BYTES = 200_000_000


def load_start(model: EmbeddedModel, paths: Sequence[str | Path]) -> None:
    """Copy the convolutions of files into the trunks.

    Args:
        model: Its trunks are overwritten; its head is not touched.
        paths: TFLite (by its suffix) or ONNX file of each trunk, in the order of the trunks.

    Raises:
        UsageError: Not one file for each trunk.
        ModelError: Another number of convolutions, or other shapes.
        MissingExtra: The package `onnx` is not installed.
    """
    if len(paths) != len(model.trunks):
        raise UsageError(
            f"expected starting weights for each of {', '.join(model.trunks)} (data.start), "
            f"found {len(paths)} files"
        )
    for (name, trunk), path in zip(model.trunks.items(), paths, strict=True):
        _load_trunk(trunk, path, name=name)


def _load_trunk(trunk: nn.Module, path: str | Path, *, name: str) -> None:
    found = read_convolutions(path)
    wanted = [module for module in trunk.modules() if isinstance(module, nn.Conv2d)]
    if len(found) < len(wanted):
        raise ModelError(
            f"expected {len(wanted)} convolutions with bias in {str(path)!r}, found {len(found)}; "
            f"use a {name} 1.0 with folded batch normalisation"
        )
    for number, (layer, (weight, bias)) in enumerate(zip(wanted, found, strict=False)):
        if tuple(layer.weight.shape) != weight.shape:
            raise ModelError(
                f"expected convolution {number} of shape {tuple(layer.weight.shape)} in "
                f"{str(path)!r}, found {weight.shape}; use a {name} 1.0"
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
        raise ModelError(f"expected at most {MAX_BYTES} bytes in {str(path)!r}; is it a MobileNet?")
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
