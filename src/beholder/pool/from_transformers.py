"""Image and video encoders of transformers."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from beholder.backbones.torch_shim import ensure_torchvision
from beholder.errors import MissingExtra, ModelError
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.loaded import LoadedModel
from beholder.pool.torch_run import IMAGENET_MEAN, IMAGENET_STD, freeze, no_weights, scaled

_CONFIG = "config.json"
_BILINEAR = 2
"""Pillow's number of the filter, as `preprocessor_config.json` has it."""


def load(entry: PoolEntry) -> LoadedModel:
    """Load an encoder by its id on the hub, or from a folder that `save_pretrained` wrote.

    The features are the model's pooled output, or else the mean over its tokens. Only safetensors
    are read, and no code of the hub is run.

    Raises:
        MissingExtra: transformers is not installed.
        ModelError: The weights cannot be had, or the model takes no pixels.
    """
    # transformers works without torchvision, but not beside one that does not import.
    with contextlib.suppress(MissingExtra):
        ensure_torchvision()
    try:
        import transformers
    except ImportError as error:
        raise MissingExtra("transformers", "zoo") from error
    transformers.utils.logging.disable_progress_bar()
    where = _folder(entry) if entry.weights else entry.model
    options = {"trust_remote_code": False, "local_files_only": Path(where).is_dir()}
    try:
        module = transformers.AutoModel.from_pretrained(where, use_safetensors=True, **options)
    except Exception as error:  # OSError, ValueError, hub errors: no base class
        raise no_weights(entry, f"https://huggingface.co/{entry.model}", error) from error
    spec = _read_spec(module.config, _preprocessing(where, options))
    function = _pooled(getattr(module, "vision_model", None) or module, entry)
    return freeze(entry, module, spec, function=function, library="transformers")


def _folder(entry: PoolEntry) -> str:
    path = Path(entry.weights)
    path = path.parent if path.is_file() else path
    if not (path / _CONFIG).is_file():
        raise ModelError(
            f"expected a folder with {_CONFIG} and model.safetensors for {entry.name!r}, found "
            f"{str(path)!r}; give the folder as save_pretrained or a download of the hub leaves it"
        )
    return str(path)


def _pooled(module: Any, entry: PoolEntry) -> Any:
    def call(pixels: Tensor) -> Tensor:
        found = module(pixel_values=pixels)
        pooled = getattr(found, "pooler_output", None)
        tokens = getattr(found, "last_hidden_state", None)
        if isinstance(pooled, torch.Tensor):
            return pooled.flatten(1)
        if not isinstance(tokens, torch.Tensor):
            raise ModelError(
                f"expected an encoder of pixels, {entry.model!r} gives {type(found).__name__}; "
                "choose another model"
            )
        # [B, L, D] of transformers, [B, D, H, W] of convolutions.
        return tokens.mean(1) if tokens.ndim == 3 else tokens.flatten(2).mean(2)

    return call


def _preprocessing(where: str, options: dict[str, Any]) -> dict[str, Any]:
    from transformers.image_processing_base import ImageProcessingMixin

    try:
        found: dict[str, Any] = ImageProcessingMixin.get_image_processor_dict(where, **options)[0]
    except (OSError, ValueError):
        return {}  # an encoder saved without its processor: ImageNet's mean and deviation
    return found


def _read_spec(config: Any, facts: dict[str, Any]) -> InputSpec:
    vision = getattr(config, "vision_config", config)
    short = _side(facts.get("size")) or _side(getattr(vision, "image_size", None)) or 224
    size = _side(facts.get("crop_size")) or _side(getattr(vision, "image_size", None)) or short
    if facts.get("do_center_crop") is False:
        size = short
    mean, std = facts.get("image_mean"), facts.get("image_std")
    return InputSpec(
        fit="crop",
        size_px=size,
        short_px=max(size, short),
        kernel="linear" if facts.get("resample") == _BILINEAR else "cubic",
        mean=scaled(mean) if mean else IMAGENET_MEAN,
        std=scaled(std) if std else IMAGENET_STD,
        clip_frames=int(getattr(vision, "num_frames", 0) or 0),
    )


def _side(size: Any) -> int | None:
    if isinstance(size, dict):
        size = size.get("shortest_edge") or size.get("height")
    if isinstance(size, list | tuple):
        size = size[0]
    return None if size is None else int(size)
