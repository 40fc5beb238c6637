"""Image and video classifiers of torchvision, without their last layer."""

from __future__ import annotations

import dataclasses
import difflib
from pathlib import Path
from typing import Any

from torch import nn

from beholder.backbones.checkpoints import read_checkpoint
from beholder.backbones.torch_shim import ensure_torchvision
from beholder.errors import ModelError, UnknownName
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.loaded import LoadedModel
from beholder.pool.torch_run import crop_spec, freeze, no_weights
from beholder.pool.torch_weights import load_into

_CLIP_FRAMES = 16
_LONG_CLIPS = {"swin3d_t": 32, "swin3d_s": 32, "swin3d_b": 32}
"""Networks that were trained on longer clips than `_CLIP_FRAMES`."""


def load(entry: PoolEntry) -> LoadedModel:
    """Load a network of torchvision by its name, e.g. `resnet50` or (video) `r3d_18`.

    Raises:
        MissingExtra: torchvision is not installed.
        UnknownName: It has no such classifier.
        ModelError: Its weights cannot be had or do not fit.
    """
    ensure_torchvision()
    from torchvision import models

    is_video = entry.kind == "torchvision_video"
    known = models.list_models(module=models.video if is_video else models)
    if entry.model not in known:
        near = difflib.get_close_matches(entry.model, known, n=5, cutoff=0.4)
        raise UnknownName(
            f"expected a classifier of torchvision, found {entry.model!r}; near: "
            f"{', '.join(near) or 'none'}"
        )
    default = models.get_model_weights(entry.model).DEFAULT
    try:
        module = models.get_model(entry.model, weights=None if entry.weights else default)
    except Exception as error:  # HTTP, URL and file errors share no base class
        raise no_weights(entry, default.url, error) from error
    head = _cut_head(module)
    if entry.weights:
        path = Path(entry.weights)
        load_into(module, read_checkpoint(path), path=path, ignored=f"{head}.")
    spec = _read_spec(default.transforms(), entry.model, is_video=is_video)
    # Video networks of torchvision take channels before time.
    function = (lambda clips: module(clips.transpose(1, 2))) if is_video else None
    return freeze(entry, module, spec, function=function, library="torchvision")


def _cut_head(module: nn.Module) -> str:
    """Replace the layer that gives the classes by nothing, and return its name."""
    layers = [
        name
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.Conv3d)
    ]
    if not layers:
        raise ModelError("expected a network with a last layer to cut, found none; choose another")
    parent, _, own = layers[-1].rpartition(".")
    setattr(module.get_submodule(parent), own, nn.Identity())
    return layers[-1]


def _read_spec(transforms: Any, name: str, *, is_video: bool) -> InputSpec:
    size, short = transforms.crop_size[0], min(transforms.resize_size)
    spec = crop_spec(size, short, transforms.mean, transforms.std)
    frames = _LONG_CLIPS.get(name, _CLIP_FRAMES) if is_video else 0
    return dataclasses.replace(spec, clip_frames=frames, kernel="linear")
