"""Beholder's own models: what the network sees just before it judges.

A shipped model or an exported file runs from its ONNX graph, which is cut before the last layer;
a run folder runs from its torch weights, up to the network's `features`.
"""

from __future__ import annotations

import hashlib
import math
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beholder.cards import ASSETS, METADATA_KEY, ModelCard
from beholder.errors import MissingExtra, ModelError, UnknownName
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.loaded import LoadedModel, finish
from beholder.pool.session import open_session
from beholder.records import ViewSpec

if TYPE_CHECKING:
    import onnx

_CARD, _WEIGHTS = "card.json", "model.safetensors"
_LAST = "Gemm"


def load(entry: PoolEntry) -> LoadedModel:
    """Load one of Beholder's models: its name, an exported file, or a run folder.

    Every frame is squashed to the square that has the area of the model's overview.

    Raises:
        UnknownName: Neither a model's name, nor a file or folder at that path.
        ModelError: It is not one of Beholder's models for frames.
        MissingExtra: The package onnx (for graphs) or torch (for runs) is not installed.
    """
    path = Path(entry.weights or entry.model)
    if not entry.weights and entry.model in ASSETS:
        asset = files("beholder.scoring").joinpath("assets", ASSETS[entry.model])
        return _load_graph(entry, asset.read_bytes())
    if path.is_dir():
        return _load_run(entry, path)
    if not path.is_file():
        raise UnknownName(
            f"expected a model of Beholder ({', '.join(ASSETS)}), an exported file or a run "
            f"folder, found {str(path)!r}; see: beholder models"
        )
    return _load_graph(entry, path.read_bytes())


def _load_graph(entry: PoolEntry, data: bytes) -> LoadedModel:
    cut, card = _cut_graph(data, entry.name)
    session = open_session(cut, expected="a model that Beholder exported; export it again")
    port = session.get_inputs()[0].name

    def run(inputs: np.ndarray) -> np.ndarray:
        found: np.ndarray = session.run(None, {port: inputs})[0]
        return found

    return finish(
        entry,
        _square(card.view),
        run,
        identity=hashlib.sha256(data).hexdigest(),
        versions={"onnxruntime": metadata.version("onnxruntime")},
    )


def _cut_graph(data: bytes, name: str) -> tuple[bytes, ModelCard]:
    """Let a graph end where its last layer begins, and read its card."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError as error:
        raise MissingExtra("onnx", "zoo") from error
    try:
        model = onnx.load_from_string(data)
    except DecodeError as error:
        raise ModelError(f"expected an ONNX file for {name!r}: {error}; export it again") from error
    cards = [prop.value for prop in model.metadata_props if prop.key == METADATA_KEY]
    graph = model.graph
    if not cards or len(graph.output) != 1 or graph.node[-1].op_type != _LAST:
        raise ModelError(
            f"expected a model that Beholder exported for {name!r}, whose last layer is a {_LAST}, "
            "found another; give it as onnx:FILE, with features as its output"
        )
    value = onnx.ValueInfoProto(name=graph.node[-1].input[0])
    value.type.tensor_type.elem_type = onnx.TensorProto.FLOAT
    _end_at(graph, value)
    return model.SerializeToString(), ModelCard.from_json(cards[0])


def _end_at(graph: onnx.GraphProto, value: onnx.ValueInfoProto) -> None:
    del graph.node[-1]
    del graph.output[:]
    graph.output.append(value)


def _load_run(entry: PoolEntry, run: Path) -> LoadedModel:
    from beholder.backbones.checkpoints import read_checkpoint
    from beholder.models.embedded import build_like
    from beholder.pool.torch_run import freeze
    from beholder.pool.torch_weights import load_into

    card = run / _CARD
    if not card.is_file():
        raise ModelError(
            f"expected {_CARD} in the run folder {str(run)!r}, found none; give a folder that "
            "`beholder train` finished"
        )
    view = ModelCard.from_json(card.read_text(encoding="utf-8")).view
    weights = run / _WEIGHTS
    state = read_checkpoint(weights)
    module = build_like(state)
    load_into(module, state, path=weights)
    return freeze(entry, module, _square(view), function=module.features, library="beholder")


def _square(view: ViewSpec) -> InputSpec:
    side = math.isqrt(view.overview_area_px) // view.size_multiple_px * view.size_multiple_px
    return InputSpec(fit="squash", size_px=side, kernel="linear", mean=view.mean, std=view.std)
