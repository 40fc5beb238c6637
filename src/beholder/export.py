"""A trained run leaves as ONNX, and is compared with torch before it may leave."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from beholder.cards import METADATA_KEY, ModelCard, Result
from beholder.errors import ExportMismatch, MissingExtra
from beholder.scoring.onnx_backend import INPUT_NAME, OUTPUT_NAME, OnnxBackend
from beholder.training.checkpoint import load_weights, read_card
from beholder.training.quality_model import rebuild_network

if TYPE_CHECKING:
    import onnx

log = logging.getLogger(__name__)

TOLERANCE = 1e-4
"""Largest allowed difference of outputs, which are about 0..1: a hundredth of a point."""

OPSET = 18
MIN_HALF_ITEMS = 1024
"""Constants of fewer numbers stay as they are: a cast would cost more than they do."""
SIZES = ((512, 512), (384, 384), (256, 448), (64, 32))
"""Heights and widths at which the two are compared.

A network that takes views of one shape only has it as `view_shape`, [3, S, S], or [T, 3, S, S] for
clips of T frames, and is compared at that. Its file takes clips one at a time.
"""


def export_run(run: Path, out: Path, *, results: Sequence[Result] = ()) -> float:
    """Write the model of a finished run as an ONNX file with its card inside.

    Args:
        run: Folder that `training.fit` finished.
        out: File to write; it appears only after the comparison.
        results: Measured accuracy, to be told by the card.

    Returns:
        The largest difference between ONNX and torch that was seen.

    Raises:
        DataError: The run is not finished.
        UnknownName: The run holds a network that this version does not know.
        ExportMismatch: The exported file gives other numbers.
        MissingExtra: The package `onnx` is not installed.
    """
    model = rebuild_network(run).eval()
    load_weights(run, model)
    part = out.with_name(f"{out.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        card = dataclasses.replace(read_card(run), results=tuple(results))
        write_onnx(model, card, part)
        difference = compare(model, part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return difference


def write_onnx(model: nn.Module, card: ModelCard, out: Path) -> None:
    """Trace a model and store it with its card.

    Batch, height and width stay free; of a model with a `view_shape` the batch alone, and of one
    of clips nothing.
    """
    try:
        import onnx
        import onnxscript  # noqa: F401 - torch's exporter needs it and says so less clearly
    except ImportError as error:
        raise MissingExtra(str(error.name), "train") from error
    graph = _trace(model)
    _forget_origin(graph)
    _store_half(graph.graph)
    entry = graph.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, card.to_json()
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(out))


def _trace(model: nn.Module) -> onnx.ModelProto:
    fixed = _fixed_shape(model)
    # Five strides of two: sides are multiples of 32.
    sides = {axis: 32 * torch.export.Dim(name) for axis, name in ((2, "rows"), (3, "columns"))}
    batch = {} if _takes_clips(model) else {0: torch.export.Dim("batch")}
    free = {**batch, **({} if fixed else sides)}
    # Without gradients a scan is traced once; with them it is traced for its backward pass too.
    with torch.no_grad(), warnings.catch_warnings(), _quiet("torch.onnx"):
        # PyTorch's exporter uses a part of PyTorch that PyTorch calls deprecated.
        warnings.simplefilter("ignore", FutureWarning)
        # A Scan inside the network makes it say twice which axis is the batch.
        warnings.filterwarnings("ignore", message="# The axis name", category=UserWarning)
        program: Any = torch.onnx.export(
            model,
            (torch.zeros(_batch(model), *(fixed or (3, 64, 96))),),
            input_names=[INPUT_NAME],
            output_names=[OUTPUT_NAME],
            dynamic_shapes={"views": free},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    return program.model_proto


def _fixed_shape(model: nn.Module) -> tuple[int, ...] | None:
    shape: tuple[int, ...] | None = getattr(model, "view_shape", None)
    return shape


def _takes_clips(model: nn.Module) -> bool:
    return len(_fixed_shape(model) or ()) == 4


def _batch(model: nn.Module) -> int:
    return 1 if _takes_clips(model) else 2


def _forget_origin(model: onnx.ModelProto) -> None:
    """Remove what the tracer notes for debugging: it names files of the machine that exported."""
    graph = model.graph
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        part.ClearField("doc_string")
        part.ClearField("metadata_props")
    graph.ClearField("metadata_props")


def _store_half(graph: onnx.GraphProto) -> None:
    """Store large constants in half precision, where that keeps every number as it is.

    A cast back to float32 stands at the beginning; runtimes do it once, when they load the file.
    """
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < MIN_HALF_ITEMS:
            continue
        with np.errstate(over="ignore"):
            half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [tensor.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


@contextlib.contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Hold back what a library logs below errors, e.g. that torchvision is not installed."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def compare(model: nn.Module, path: Path) -> float:
    """Run both on seeded noise of several sizes, or of the only one.

    Returns:
        The largest difference.

    Raises:
        ExportMismatch: It is above `TOLERANCE`.
    """
    backend = OnnxBackend(path.read_bytes())
    rng = np.random.default_rng(0)
    worst = 0.0
    fixed = _fixed_shape(model)
    for shape in [fixed] if fixed else [(3, *size) for size in SIZES]:
        views = rng.uniform(-1, 1, (_batch(model), *shape)).astype(np.float32)
        with torch.inference_mode():
            expected = model(torch.from_numpy(views)).numpy()[:, 0]
        worst = float(np.maximum(worst, np.abs(backend.run(views) - expected).max()))
    # Not a number is no agreement either.
    if not worst <= TOLERANCE:
        raise ExportMismatch(
            f"expected outputs within {TOLERANCE} of torch, found a difference of {worst:.2g}; "
            "the file was not written; report this with the run folder's recipe.json"
        )
    log.info("largest difference between ONNX and torch: %.2g", worst)
    return worst
