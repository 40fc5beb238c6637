"""Image networks of timm: pooled features before the classifier."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from beholder.backbones.checkpoints import read_checkpoint
from beholder.backbones.torch_shim import ensure_torchvision
from beholder.errors import MissingExtra, UnknownName
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.loaded import LoadedModel
from beholder.pool.torch_run import crop_spec, freeze, no_weights
from beholder.pool.torch_weights import wrong_weights
from beholder.sampling.resize import Kernel


def load(entry: PoolEntry) -> LoadedModel:
    """Load a network of timm by its name, e.g. `convnext_tiny.fb_in22k`.

    Raises:
        MissingExtra: timm is not installed.
        UnknownName: timm has no network of that name.
        ModelError: Its weights cannot be had or do not fit.
    """
    ensure_torchvision()
    try:
        import timm
    except ImportError as error:
        raise MissingExtra("timm", "zoo") from error
    if not timm.is_model(entry.model.partition(".")[0]):
        near = timm.list_models(f"*{entry.model.partition('.')[0][:6]}*")[:5]
        raise UnknownName(
            f"expected a network of timm, found {entry.model!r}; near: {', '.join(near) or 'none'}"
        )
    module = _build(timm, entry)
    return freeze(entry, module, _read_spec(module), library="timm")


def _build(timm: Any, entry: PoolEntry) -> Any:
    # timm renames what older checkpoints call otherwise. With its classifier, every weight is
    # asked for; without, it would take any file in silence.
    overlay = {"state_dict": read_checkpoint(Path(entry.weights))} if entry.weights else None
    try:
        module = timm.create_model(entry.model, pretrained=True, pretrained_cfg_overlay=overlay)
    except Exception as error:  # timm, hub and HTTP errors share no base class
        if entry.weights:
            raise wrong_weights(Path(entry.weights), error) from error
        facts = timm.get_pretrained_cfg(entry.model)
        name = getattr(facts, "hf_hub_id", None) or f"timm/{entry.model}"
        raise no_weights(entry, f"https://huggingface.co/{name}", error) from error
    module.reset_classifier(0)
    return module


def _read_spec(module: Any) -> InputSpec:
    from timm.data.config import resolve_data_config

    config = resolve_data_config(pretrained_cfg=module.pretrained_cfg, model=module)
    size = int(config["input_size"][-1])
    spec = crop_spec(size, int(size / config["crop_pct"]), config["mean"], config["std"])
    if config["crop_mode"] == "squash":
        spec = dataclasses.replace(spec, fit="squash", short_px=None)
    kernel: Kernel = "linear" if config["interpolation"] == "bilinear" else "cubic"
    return dataclasses.replace(spec, kernel=kernel)
