"""Weights from other people's files, without running what such files may hold.

A PyTorch checkpoint is a pickle, and a pickle may call any function. Public ones also hold
settings of classes that nobody has installed (yacs, argparse). Here only tensors and plain
containers come to life; every other name becomes an inert object.
"""

from __future__ import annotations

import pickle
import types
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from beholder.errors import ModelError

_STATE_KEYS = ("model_ema", "state_dict_ema", "state_dict", "model", "module")
"""Where checkpoints keep their weights; averaged ones first, since accuracy is told of these."""

_ALLOWED = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): torch._utils._rebuild_tensor_v2,
    ("torch._utils", "_rebuild_parameter"): torch._utils._rebuild_parameter,
}


_UNREADABLE = (RuntimeError, pickle.UnpicklingError, EOFError, KeyError, TypeError, ValueError)
"""What `torch.load` raises for files of other formats."""


class _Inert(dict[Any, Any]):
    """Stands for any object that is not a tensor; takes whatever a pickle gives it."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        """Forget the state."""

    def append(self, item: Any) -> None:
        """Forget the item of a list-like class."""

    def extend(self, items: Any) -> None:
        """Forget the items of a list-like class."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return the few names that tensors need, and an inert class for every other one."""
        if (module, name) in _ALLOWED:
            return _ALLOWED[module, name]
        found = getattr(torch, name, None) if module == "torch" else None
        if isinstance(found, torch.dtype) or (name.endswith("Storage") and found is not None):
            return found
        return _Inert


def _load(file: BinaryIO, **options: Any) -> Any:
    """Read one pickle; `torch.load` calls this for files older than its zip format."""
    return _Unpickler(file, **options).load()


_PICKLE = types.SimpleNamespace(Unpickler=_Unpickler, load=_load, __name__="restricted pickle")


def read_checkpoint(path: str | Path, *, keys: Sequence[str] = _STATE_KEYS) -> dict[str, Tensor]:
    """Read the weights of a PyTorch checkpoint or a safetensors file.

    Args:
        path: `.safetensors`, or anything that `torch.save` wrote since PyTorch 1.6.
        keys: Names under which weights may lie, the preferred first; without any of them the file
            itself must be the table of weights.

    Returns:
        Name to tensor, on the CPU; a prefix `module.` or `backbone.` common to all is removed.

    Raises:
        ModelError: No such file, another format, or no tensors in it.
    """
    path = Path(path)
    if not path.is_file():
        raise ModelError(f"expected a checkpoint at {str(path)!r}, found no file")
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path)
    found: Any = next((content[k] for k in keys if isinstance(content.get(k), dict)), content)
    state = {k: v for k, v in found.items() if isinstance(k, str) and isinstance(v, Tensor)}
    if not state:
        raise ModelError(
            f"expected tensors in {str(path)!r}, directly or under one of {', '.join(keys)}; "
            f"found the keys {sorted(map(str, found))[:8]}"
        )
    for prefix in ("module.", "backbone."):
        if all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state


def _read_safetensors(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return dict(load_file(path))
    except SafetensorError as error:
        raise ModelError(f"expected a safetensors file at {str(path)!r}: {error}") from error


def _read_pickle(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", pickle_module=_PICKLE, weights_only=False)
    except _UNREADABLE as error:
        raise ModelError(
            f"expected a PyTorch checkpoint at {str(path)!r}, it cannot be read: {error}"
        ) from error
    if not isinstance(content, dict):
        raise ModelError(
            f"expected a table of weights in {str(path)!r}, found {type(content).__name__}"
        )
    return content
