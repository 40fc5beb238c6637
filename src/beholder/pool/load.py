"""From entries to models that are ready to run: one loader per kind."""

from __future__ import annotations

from importlib import import_module

from beholder.errors import MissingExtra
from beholder.pool.entry import Kind, PoolEntry
from beholder.pool.loaded import LoadedModel

LOADERS: dict[Kind, str] = {
    "onnx": "beholder.pool.from_onnx",
    "timm": "beholder.pool.from_timm",
    "torchvision": "beholder.pool.from_torchvision",
    "torchvision_video": "beholder.pool.from_torchvision",
    "open_clip": "beholder.pool.from_open_clip",
    "transformers": "beholder.pool.from_transformers",
    "beholder": "beholder.pool.from_beholder",
}
"""Modules by name, so that a pool of ONNX files never wakes torch; each has a function `load`."""


def load_model(entry: PoolEntry) -> LoadedModel:
    """Load one model of the pool.

    Raises:
        MissingExtra: Its library is not installed.
        UnknownName: The library has no such model.
        ModelError: Its weights cannot be had or do not fit.
    """
    try:
        model: LoadedModel = import_module(LOADERS[entry.kind]).load(entry)
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "torch", "zoo") from error
    return model
