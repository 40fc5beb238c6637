"""Reads tensors from strangers' files without running what else is in them."""

from __future__ import annotations

import collections
import hashlib
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from beholder.errors import MissingExtra, ModelError

_NESTS = ("model_state_dict", "state_dict", "model_ema", "model", "module")
"""Under which of its keys a checkpoint keeps the weights, the likeliest first."""
_PREFIXES = ("module.", "_orig_mod.")
"""What wrappers of training put before every name."""
_REBUILD = ("_rebuild_tensor_v2", "_rebuild_parameter", "_rebuild_tensor")


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read named tensors from a safetensors or torch file.

    Nothing of a torch file is run: names other than those of tensors stand for empty objects, so
    checkpoints that also hold settings can be read, whoever made them.

    Args:
        path: `.safetensors`, or what `torch.save` wrote.

    Returns:
        Tensors by name, without the prefixes that wrappers of training add.

    Raises:
        ModelError: No such file, another format, or no tensors in it.
        MissingExtra: The package safetensors is not installed.
    """
    if not path.is_file():
        raise ModelError(f"expected weights at {str(path)!r}, found no file; check the path")
    found = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    state = {name: value for name, value in found.items() if isinstance(value, Tensor)}
    if not state:
        raise ModelError(
            f"expected named tensors in {str(path)!r}, found {sorted(map(str, found))[:5]}; "
            "give the file of the weights themselves"
        )
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def load_into(
    module: nn.Module, state: Mapping[str, Tensor], *, path: Path, ignored: str = ""
) -> None:
    """Copy weights into a network; every one of its own weights must be there.

    Args:
        module: The network, without its head.
        state: From `read_weights`.
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


def _read_safetensors(path: Path) -> dict[str, Any]:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError as error:
        raise MissingExtra("safetensors", "zoo") from error
    try:
        found: dict[str, Any] = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"expected a safetensors file at {str(path)!r}: {error}") from error
    return found


def _read_torch(path: Path) -> dict[str, Any]:
    try:
        found = torch.load(path, map_location="cpu", weights_only=False, pickle_module=_Inert)
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError) as error:
        raise ModelError(
            f"expected a safetensors file or one that torch.save wrote at {str(path)!r}, found "
            f"something else: {error}; TorchScript archives have to be converted first"
        ) from error
    for nest in _NESTS:
        if isinstance(found, dict) and isinstance(found.get(nest), dict):
            found = found[nest]
    if not isinstance(found, dict):
        raise ModelError(
            f"expected named tensors in {str(path)!r}, found a {type(found).__name__}; save "
            "model.state_dict(), not the model"
        )
    return found


class _Nothing:
    """Stands for every class of a pickle that is not a tensor's; it keeps nothing."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, _: object) -> None:
        pass

    def __setitem__(self, *_: object) -> None:
        pass

    def append(self, _: object) -> None:
        """Take an item of a list-like object."""

    def extend(self, _: object) -> None:
        """Take items of a list-like object."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch._utils" and name in _REBUILD:
            return getattr(torch._utils, name)
        if module in ("torch", "torch.storage") and name.endswith("Storage"):
            return getattr(torch, name, _Nothing)
        if module == "torch" and isinstance(getattr(torch, name, None), torch.dtype):
            return getattr(torch, name)
        return _Nothing


class _Inert:
    """What `torch.load` takes for a pickle module."""

    Unpickler = _Unpickler
    load = staticmethod(lambda file, **options: _Unpickler(file, **options).load())
    UnpicklingError = pickle.UnpicklingError
