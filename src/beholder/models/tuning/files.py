"""A tuning as a small file beside the frozen model that it belongs to."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from beholder.errors import ModelError
from beholder.models.tuning.apply import apply_tuning
from beholder.models.tuning.settings import TuningSettings

_SETTINGS, _BASE = "tuning", "base_sha256"


def hash_weights(model: nn.Module) -> str:
    """Return the SHA-256 of a model's weights: names, types, shapes and numbers."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def save_tuning(model: nn.Module, path: Path, *, settings: TuningSettings, base: str) -> None:
    """Write what a tuning trained, and nothing else.

    Args:
        model: As `apply_tuning` returned it, trained.
        path: Safetensors file to write.
        settings: Those of `apply_tuning`.
        base: `hash_weights` of the model before it was tuned.
    """
    trained = {n: p.detach().contiguous() for n, p in model.named_parameters() if p.requires_grad}
    facts = {_SETTINGS: json.dumps(dataclasses.asdict(settings)), _BASE: base}
    part = path.with_name(f"{path.name}.part")
    save_file(trained, part, metadata=facts)
    part.replace(path)


def load_tuning(base: nn.Module, path: Path) -> nn.Module:
    """Tune a model by a file that `save_tuning` wrote.

    Args:
        base: The very model that was tuned; it is changed.
        path: The file.

    Returns:
        The tuned model.

    Raises:
        ModelError: No such file, one of another kind, or one that belongs to other weights.
    """
    try:
        with safe_open(path, "pt") as file:
            facts = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise ModelError(f"expected a tuning at {str(path)!r}: {error}") from error
    if _SETTINGS not in facts or _BASE not in facts:
        raise ModelError(
            f"expected a tuning at {str(path)!r}, found other weights; give tuning.safetensors of "
            "a run with tuning.name"
        )
    found = hash_weights(base)
    if facts[_BASE] != found:
        raise ModelError(
            f"expected the base model with SHA-256 {facts[_BASE][:12]} for {str(path)!r}, found "
            f"{found[:12]}; load the weights that were tuned first"
        )
    tuned = apply_tuning(base, TuningSettings(**json.loads(facts[_SETTINGS])))
    trained = {name for name, p in tuned.named_parameters() if p.requires_grad}
    if trained != set(weights):
        raise ModelError(
            f"expected {len(trained)} tensors in {str(path)!r}, found {len(weights)} or others"
        )
    tuned.load_state_dict(weights, strict=False)
    return tuned
