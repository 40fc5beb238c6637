"""Where a model's file is, and the card inside it."""

from __future__ import annotations

import os
from pathlib import Path

from beholder.cards import ASSETS, EMBEDDED, ModelCard
from beholder.errors import ModelError, NoPermission, UnknownName
from beholder.scoring.onnx_card import card_inside

_ASSETS_FOLDER = Path(__file__).parent / "assets"


def find_model(model: str | os.PathLike[str] = EMBEDDED) -> Path:
    """Return the file of a model.

    Args:
        model: A name from `beholder models`, or the path of an ONNX file that Beholder exported.

    Raises:
        UnknownName: Neither a model of that name nor a file at that path.
        ModelError: The installation lacks the file of a model that it should bring.
    """
    if isinstance(model, str) and model in ASSETS:
        path = _ASSETS_FOLDER / ASSETS[model]
        if not path.is_file():
            raise ModelError(
                f"expected the model {model!r} inside the installed package, found no file "
                f"{path.name}; install Beholder again"
            )
        return path
    path = Path(model)
    if not path.is_file():
        raise UnknownName(
            f"expected a model's name ({', '.join(ASSETS)}) or the path of an .onnx file, "
            f"found {os.fspath(model)!r}; see: beholder models"
        )
    return path


def read_model(model: str | os.PathLike[str] = EMBEDDED) -> bytes:
    """Return the bytes of a model's file; raises as `find_model`, or `NoPermission`."""
    path = find_model(model)
    try:
        return path.read_bytes()
    except PermissionError as error:
        raise NoPermission(
            f"expected a readable model file, may not read {str(path)!r}; change its permissions"
        ) from error


def read_card(model: str | os.PathLike[str] = EMBEDDED) -> ModelCard:
    """Return the card of a model; raises as `find_model`, or `ModelError` where it has none."""
    if Path(model).is_dir():
        from beholder.scoring.clip_judge import read_run_card

        return read_run_card(Path(model))
    return card_inside(read_model(model))
