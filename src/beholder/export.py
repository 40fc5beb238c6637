"""A trained run leaves as ONNX, and is compared with torch before it may leave."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import torch

from beholder.cards import METADATA_KEY, ModelCard
from beholder.errors import ExportMismatch, MissingExtra
from beholder.models.embedded import EmbeddedModel, build
from beholder.scoring.onnx_backend import INPUT_NAME, OUTPUT_NAME, OnnxBackend
from beholder.training.checkpoint import load_weights, read_card

log = logging.getLogger(__name__)

TOLERANCE = 1e-4
"""Largest allowed difference of outputs, which are about 0..1: a hundredth of a point."""

OPSET = 17
SIZES = ((512, 512), (384, 384), (256, 448), (64, 32))
"""Heights and widths at which the two are compared."""


def export_run(run: Path, out: Path) -> float:
    """Write the model of a finished run as an ONNX file with its card inside.

    Args:
        run: Folder that `training.fit` finished.
        out: File to write; it appears only after the comparison.

    Returns:
        The largest difference between ONNX and torch that was seen.

    Raises:
        DataError: The run is not finished.
        ExportMismatch: The exported file gives other numbers.
        MissingExtra: The package `onnx` is not installed.
    """
    model = build().eval()
    load_weights(run, model)
    part = out.with_name(f"{out.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_onnx(model, read_card(run), part)
        difference = compare(model, part)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return difference


def write_onnx(model: EmbeddedModel, card: ModelCard, out: Path) -> None:
    """Trace a model and store it with its card; batch, height and width stay free."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtra("onnx", "train") from error
    torch.onnx.export(
        model,
        (torch.zeros(1, 3, 64, 64),),
        str(out),
        input_names=[INPUT_NAME],
        output_names=[OUTPUT_NAME],
        dynamic_axes={INPUT_NAME: {0: "batch", 2: "height", 3: "width"}, OUTPUT_NAME: {0: "batch"}},
        opset_version=OPSET,
        dynamo=False,
    )
    graph = onnx.load(str(out))
    entry = graph.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, card.to_json()
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, str(out))


def compare(model: EmbeddedModel, path: Path) -> float:
    """Run both on seeded noise of several sizes.

    Returns:
        The largest difference.

    Raises:
        ExportMismatch: It is above `TOLERANCE`.
    """
    backend = OnnxBackend(path.read_bytes())
    rng = np.random.default_rng(0)
    worst = 0.0
    for height, width in SIZES:
        views = rng.uniform(-1, 1, (2, 3, height, width)).astype(np.float32)
        with torch.inference_mode():
            expected = model(torch.from_numpy(views)).numpy()[:, 0]
        worst = max(worst, float(np.abs(backend.run(views) - expected).max()))
    if worst > TOLERANCE:
        raise ExportMismatch(
            f"expected outputs within {TOLERANCE} of torch, found a difference of {worst:.2g}; "
            "the file was not written; report this with the run folder's recipe.json"
        )
    log.info("largest difference between ONNX and torch: %.2g", worst)
    return worst
