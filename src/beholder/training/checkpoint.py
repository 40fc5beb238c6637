"""A run folder: recipe, weights, and what is needed to go on after an interruption.

::

    RUN/recipe.json          the recipe with its overrides
    RUN/model.safetensors    averaged weights of the best validation so far
    RUN/card.json            facts about the model, written at the end
    RUN/log.jsonl            one line per logged step and validation
    RUN/state.pt             step, weights, average, optimiser, generator, for --resume
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from beholder.cards import ModelCard
from beholder.errors import DataError, UsageError
from beholder.training.recipe import LoopSettings

RECIPE, WEIGHTS, CARD, LOG, STATE = (
    "recipe.json",
    "model.safetensors",
    "card.json",
    "log.jsonl",
    "state.pt",
)


def open_run(run: Path, recipe: str, *, resume: bool) -> None:
    """Make a run folder and write its recipe, as JSON, into it.

    Raises:
        UsageError: It holds a run and `resume` is False.
    """
    run.mkdir(parents=True, exist_ok=True)
    if (run / STATE).exists() and not resume:
        raise UsageError(
            f"expected a new run folder, found a run in {str(run)!r}; "
            "add --resume to go on with it, or give another folder"
        )
    (run / RECIPE).write_text(recipe, encoding="utf-8")


class _Seeded(Protocol):
    @property
    def seed(self) -> int: ...


class _Recipe(Protocol):
    @property
    def data(self) -> _Seeded: ...

    @property
    def loop(self) -> LoopSettings: ...

    def to_json(self) -> str: ...


def begin_run(run: Path, recipe: _Recipe, *, resume: bool) -> None:
    """Open a run folder and set threads and seed of PyTorch as its recipe says.

    Raises:
        UsageError: It holds a run and `resume` is False.
    """
    open_run(run, recipe.to_json(), resume=resume)
    torch.set_num_threads(recipe.loop.threads)
    torch.manual_seed(recipe.data.seed)


def save_weights(run: Path, model: nn.Module) -> None:
    """Write a model's weights; the old ones stay until the new ones are whole."""
    part = run / f"{WEIGHTS}.part"
    save_file({name: t.contiguous() for name, t in model.state_dict().items()}, part)
    part.replace(run / WEIGHTS)


def load_weights(run: Path, model: nn.Module) -> None:
    """Read weights that `save_weights` wrote.

    Raises:
        DataError: The run holds none, or those of another network.
    """
    path = run / WEIGHTS
    if not path.is_file():
        raise DataError(f"expected trained weights at {str(path)!r}, found none; train first")
    try:
        model.load_state_dict(load_file(path))
    except RuntimeError as error:
        raise DataError(f"expected weights of this network in {str(path)!r}: {error}") from error


def save_state(run: Path, state: dict[str, Any]) -> None:
    """Write what a resumed run needs."""
    part = run / f"{STATE}.part"
    torch.save(state, part)
    part.replace(run / STATE)


def load_state(run: Path) -> dict[str, Any] | None:
    """Read what `save_state` wrote, without unpickling anything but tensors; None if absent."""
    path = run / STATE
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    return state


def read_card(run: Path) -> ModelCard:
    """Read the card of a finished run.

    Raises:
        DataError: The run is not finished.
    """
    return ModelCard.from_json(_read(run / CARD))


def read_recipe(run: Path) -> str:
    """Read the JSON of a run's recipe.

    Raises:
        DataError: The folder holds no recipe.
    """
    return _read(run / RECIPE)


def append_log(run: Path, record: dict[str, float | int | str | Tensor]) -> None:
    """Add one line to the run's log."""
    plain = {k: round(float(v), 6) if isinstance(v, Tensor) else v for k, v in record.items()}
    with (run / LOG).open("a", encoding="utf-8") as file:
        file.write(json.dumps(plain) + "\n")


def _read(path: Path) -> str:
    if not path.is_file():
        raise DataError(
            f"expected {path.name} in the run folder {str(path.parent)!r}, found none; "
            "give a folder that `beholder train` finished"
        )
    return path.read_text(encoding="utf-8")
