"""`beholder recipes`, `beholder train` and `beholder export`: the doors that need torch."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from beholder.app.progress import stages
from beholder.app.sink import write_text
from beholder.cards import Result, read_results
from beholder.errors import MissingExtra, UnknownName, UsageError
from beholder.reports.table import to_table

_EXTRA = "train"


def recipes() -> None:
    """List the recipes that `beholder train` knows.

    \b
    Example:
      beholder recipes
    """
    from beholder.recipes import RECIPES

    rows = [(name, _first_line(function)) for name, function in RECIPES.items()]
    write_text(sys.stdout.buffer, to_table(("recipe", "what it does"), rows))


def train(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="From `beholder recipes`.")],
    data: Annotated[Path, typer.Option("--data", help="Folder that holds the data sets.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run; made if missing.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="GROUP.FIELD=VALUE", help="Change a setting; repeatable."),
    ] = None,
    tuning: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="How a trained model is adapted: --set tuning.name=NAME."
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a stopped run.")] = False,
) -> None:
    """Train a model: a recipe says which, on what, how long.

    \b
    Examples:
      beholder train embedded --data data/ --out runs/embedded
      beholder train embedded --data data/ --out runs/try --set optim.head_learning_rate=1e-4
      beholder train embedded --data data/ --out runs/embedded --resume
      beholder train qmamba_transfer --data data/ --out runs/tuned --tuning style_prompt
    """
    with _needs_extra():
        from beholder.recipes import RECIPES, apply_overrides, run_recipe
    if recipe not in RECIPES:
        raise UnknownName(f"expected one of the recipes {', '.join(RECIPES)}, found {recipe!r}")
    named = [] if tuning is None else [f"tuning.name={tuning}"]
    chosen = apply_overrides(RECIPES[recipe](), [*(settings or []), *named])
    with stages() as tell, _needs_extra():
        run_recipe(chosen, data=data, out=out, resume=resume, progress=tell)


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.onnx", help="File to write.")],
    results: Annotated[
        list[Path] | None,
        typer.Option("--results", metavar="FILE", help="A benchmark's JSON, for the card."),
    ] = None,
) -> None:
    """Write a run as one ONNX file, compared with torch first.

    \b
    Example:
      beholder export runs/embedded embedded.onnx
      beholder score clip.mp4 --model embedded.onnx
    """
    with _needs_extra():
        from beholder.export import export_run
    figures = [r for path in results or [] for r in _read_results(path)]
    export_run(run, out, results=figures)


def _read_results(path: Path) -> tuple[Result, ...]:
    try:
        return read_results(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"expected a benchmark's result at {str(path)!r}: {error}") from error


@contextlib.contextmanager
def _needs_extra() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("beholder"):
            raise
        raise MissingExtra(error.name, _EXTRA) from error


def _first_line(function: object) -> str:
    return (inspect.getdoc(function) or "").partition("\n")[0]
