"""From entries to models that are ready to run: one loader per kind."""

from __future__ import annotations

from collections.abc import Callable

from beholder.pool import from_onnx
from beholder.pool.entry import Kind, PoolEntry
from beholder.pool.loaded import LoadedModel

LOADERS: dict[Kind, Callable[[PoolEntry], LoadedModel]] = {
    "onnx": from_onnx.load,
}


def load_model(entry: PoolEntry) -> LoadedModel:
    """Load one model of the pool.

    Raises:
        MissingExtra: Its library is not installed.
        UnknownName: The library has no such model.
        ModelError: Its weights cannot be had or do not fit.
    """
    return LOADERS[entry.kind](entry)
