"""Tiny frozen networks as ONNX files, and pool files that name them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE = 8


def make_frozen(path: Path, *, gain: float = 1.0, side: int = SIDE) -> Path:
    """Write a network whose three features are the mean of R, G and B in 0..255 times `gain`."""
    nodes = [
        helper.make_node("Cast", ["frames"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["float"], ["mean"], axes=[1, 2], keepdims=0),
        helper.make_node("Mul", ["mean", "gain"], ["features"]),
    ]
    shape = ["batch", side, side, 3]
    graph = helper.make_graph(
        nodes,
        "means",
        [helper.make_tensor_value_info("frames", TensorProto.UINT8, shape)],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", 3])],
        [numpy_helper.from_array(np.float32([gain]), "gain")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path


def pool_line(name: str, *, fit: str = "squash", side: int = SIDE) -> dict[str, object]:
    """Describe `NAME.onnx` as the plain lists of frozen networks do."""
    return {
        "name": name,
        "file": f"{name}.onnx",
        "architecture": "means",
        "pretext": f"task of {name}",
        "licence": "Apache-2.0",
        "source": "tests",
        "input": f"frames: uint8 [batch,{side},{side},3] RGB, {fit} {side}",
        "features": 3,
        "bytes": 1,
    }


def make_pool(folder: Path, gains: dict[str, float]) -> Path:
    """Write one network per name and the pool file that lists them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, gain in gains.items():
        make_frozen(folder / f"{name}.onnx", gain=gain)
    path = folder / "pool.json"
    path.write_text(json.dumps([pool_line(name) for name in gains]), encoding="utf-8")
    return path
