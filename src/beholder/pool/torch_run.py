"""Runs a frozen torch network on prepared inputs.

Axis letters: B batch, T frames, D features.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from beholder.errors import ModelError
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.loaded import LoadedModel, finish
from beholder.pool.torch_weights import hash_weights

IMAGENET_MEAN = (123.675, 116.28, 103.53)
"""Of RGB in 0..255."""
IMAGENET_STD = (58.395, 57.12, 57.375)
"""Of RGB in 0..255."""


def freeze(
    entry: PoolEntry,
    module: nn.Module,
    spec: InputSpec,
    *,
    function: Callable[[Tensor], Any] | None = None,
    library: str,
) -> LoadedModel:
    """Wrap a network so that it maps arrays to features and never learns.

    Args:
        entry: Facts about it.
        module: The network.
        spec: What it is fed with, if the entry does not say otherwise.
        function: From [B, 3, H, W] or [B, T, 3, H, W] to features [B, D]; the module itself if
            None. Wider outputs are averaged over what stands behind D.
        library: The package that the network comes from, for the record.

    Raises:
        ModelError: It fails on its own input, or gives no features.
    """
    module.eval().requires_grad_(False)
    call = function or module

    def run(inputs: np.ndarray) -> np.ndarray:
        try:
            with torch.inference_mode():
                found = call(torch.from_numpy(np.ascontiguousarray(inputs)))
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            raise ModelError(
                f"expected {entry.name!r} to accept inputs {list(inputs.shape)}, it failed: "
                f"{error}; give its entry another input (see docs/pool.md)"
            ) from error
        if not isinstance(found, Tensor):
            raise ModelError(
                f"expected {entry.name!r} to give one tensor of features, found "
                f"{type(found).__name__}; choose a network for whole images or clips"
            )
        pooled = found.flatten(2).mean(2) if found.ndim > 2 else found
        result: np.ndarray = pooled.float().numpy()
        return result

    return finish(
        entry,
        entry.input or spec,
        run,
        identity=hash_weights(module),
        versions={name: metadata.version(name) for name in ("torch", library)},
    )


def crop_spec(size_px: int, short_px: int, mean: Any, std: Any) -> InputSpec:
    """Build the usual spec: shorter side resized, middle cut out, deviations in 0..1."""
    return InputSpec(
        fit="crop",
        size_px=size_px,
        short_px=max(size_px, short_px),
        mean=scaled(mean),
        std=scaled(std),
    )


def scaled(values: Any) -> tuple[float, float, float]:
    """Bring mean or deviation of RGB in 0..1 to 0..255."""
    red, green, blue = (round(float(value) * 255, 6) for value in values)
    return red, green, blue


def no_weights(entry: PoolEntry, where: str, error: Exception) -> ModelError:
    """Say which weights are missing, where they are, and how to give them."""
    return ModelError(
        f"expected the weights of {entry.kind}:{entry.model} in the library's cache or from the "
        f"network, found neither ({type(error).__name__}: {str(error)[:200]}); download them "
        f"from {where} where there is a network, and give --weights {entry.name}=FILE"
    )
