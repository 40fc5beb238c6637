"""Puts weights from files into networks of other libraries, and tells weights apart."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from beholder.errors import ModelError


def load_into(
    module: nn.Module, state: Mapping[str, Tensor], *, path: Path, ignored: str = ""
) -> None:
    """Copy weights into a network; every one of its own weights must be there.

    Args:
        module: The network, without its head.
        state: From `backbones.checkpoints.read_checkpoint`.
        path: Where they are from, for the error text.
        ignored: Prefix of the names that the network may lack, e.g. of the head.

    Raises:
        ModelError: A weight is missing, too many, or of another shape.
    """
    wanted = {n: v for n, v in state.items() if not (ignored and n.startswith(ignored))}
    try:
        module.load_state_dict(wanted)
    except RuntimeError as error:
        raise wrong_weights(path, error) from error


def wrong_weights(path: Path, error: Exception) -> ModelError:
    """Say that a file holds the weights of another network, and what torch says of it."""
    lines = " ".join(line.strip() for line in str(error).splitlines()[1:3])
    return ModelError(
        f"expected weights of this network in {str(path)!r}, found others: {lines[:400]}; "
        "give the file of this model"
    )


def hash_weights(module: nn.Module) -> str:
    """Return a SHA-256 over names and numbers of all weights."""
    digest = hashlib.sha256()
    for name, value in module.state_dict().items():
        plain = value.detach().contiguous().cpu().reshape(-1).view(torch.uint8)
        digest.update(name.encode() + memoryview(plain.numpy()))
    return digest.hexdigest()
