"""Makes a tiny model file by hand: its raw output is the sharpness of a view."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from beholder.cards import METADATA_KEY, Calibration, ModelCard, Result
from tests.view_factory import VIEW

CARD = ModelCard(
    name="sharpness",
    task="image",
    summary="Mean difference of neighbouring pixels; for tests.",
    architecture="one convolution",
    licence="Apache-2.0",
    source="made by hand",
    trained_on=(),
    view=VIEW,
    calibration=Calibration(
        slope=2.0, intercept=0.05, half_width=12.345, coverage=0.9, num_items=500
    ),
    results=(
        Result(
            figure="srcc",
            value=0.5,
            interval=(0.4, 0.6),
            data="nothing",
            num_items=3,
            command="none",
        ),
    ),
    versions={"onnx": "1"},
)


def make_model(
    path: Path, *, card: str | None = CARD.to_json(), input_name: str = "views", gain: float = 1.0
) -> Path:
    """Write the model and return its path; `card=None` leaves the card out."""
    kernel = np.float32([-1.0, 1.0]).reshape(1, 1, 1, 2).repeat(3, axis=1) * np.float32(gain / 3)
    nodes = [
        helper.make_node("Conv", [input_name, "kernel"], ["difference"]),
        helper.make_node("Abs", ["difference"], ["size"]),
        helper.make_node("ReduceMean", ["size"], ["quality"], axes=[1, 2, 3], keepdims=0),
    ]
    float32 = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "sharpness",
        [helper.make_tensor_value_info(input_name, float32, ["batch", 3, "height", "width"])],
        [helper.make_tensor_value_info("quality", float32, ["batch"])],
        [numpy_helper.from_array(kernel, "kernel")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if card is not None:
        helper.set_model_props(model, {METADATA_KEY: card})
    onnx.save(model, str(path))
    return path
