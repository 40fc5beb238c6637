"""What stands for models on the command line: pool files and names like `timm:resnet50`."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from beholder.errors import DataError, UnknownName, UsageError
from beholder.pool.entry import KINDS, PoolEntry, entry_from_dict

_EXAMPLES = (
    "timm:resnet50, torchvision:resnet50, torchvision_video:r3d_18, open_clip:ViT-B-32/openai, "
    "transformers:facebook/dinov2-base, onnx:FILE, beholder:embedded"
)


def read_entries(names: Sequence[str], *, weights: Sequence[str] = ()) -> list[PoolEntry]:
    """Read what is asked for.

    Args:
        names: Each a pool file (JSON), or `KIND:MODEL`.
        weights: Each `NAME=FILE`: local weights of the model of that name.

    Returns:
        Entries in the order given; nothing is loaded.

    Raises:
        UnknownName: Neither a file nor a known kind, or weights for a model that is not there.
        UsageError: Two models of one name, or weights not given as `NAME=FILE`.
        DataError: A pool file cannot be read.
    """
    entries = [entry for name in names for entry in _read_one(name)]
    by_name = {entry.name: entry for entry in entries}
    twice = sorted({e.name for e in entries if sum(o.name == e.name for o in entries) > 1})
    if twice:
        raise UsageError(
            f"expected every model once, found {', '.join(twice)} again; leave out one of them, "
            "or give it another name in the pool file"
        )
    for text in weights:
        name, equals, file = text.partition("=")
        if not (equals and file):
            raise UsageError(f"expected --weights NAME=FILE, found {text!r}")
        if name not in by_name:
            raise UnknownName(f"expected --weights for one of {', '.join(by_name)}, found {name!r}")
        by_name[name] = dataclasses.replace(by_name[name], weights=file)
    return list(by_name.values())


def read_pool(path: Path) -> list[PoolEntry]:
    """Read a pool file: a JSON list of entries; relative files start at its folder.

    Raises:
        DataError: It cannot be read, or holds something else.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"expected a pool file at {str(path)!r}, found: {error}") from error
    if not (isinstance(data, list) and all(isinstance(entry, Mapping) for entry in data)):
        raise DataError(
            f"expected a list of models in {str(path)!r}, found something else; "
            "see the fields in docs/pool.md"
        )
    return [_with_folder(entry_from_dict(entry), path.parent) for entry in data]


def _with_folder(entry: PoolEntry, folder: Path) -> PoolEntry:
    if entry.kind == "onnx":
        entry = dataclasses.replace(entry, model=str((folder / entry.model).resolve()))
    if entry.weights:
        entry = dataclasses.replace(entry, weights=str((folder / entry.weights).resolve()))
    return entry


def _read_one(name: str) -> list[PoolEntry]:
    kind, colon, model = name.partition(":")
    if colon and model and kind in KINDS:
        short = Path(model).stem if kind == "onnx" else model
        model = str(Path(model).resolve()) if kind == "onnx" else model
        clean = re.sub(r"[^\w.+-]+", "_", short)
        return [entry_from_dict({"name": clean, "kind": kind, "model": model})]
    path = Path(name)
    if path.suffix == ".onnx" and path.is_file():
        return _read_one(f"onnx:{name}")
    if path.is_file():
        return read_pool(path)
    raise UnknownName(
        f"expected a pool file or a model like {_EXAMPLES}, found {name!r}; see docs/pool.md"
    )
