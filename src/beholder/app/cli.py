"""The command `beholder`: one file per group of commands, put together here."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from beholder.app.datasets import check_dataset, list_datasets, show_dataset
from beholder.app.demo import demo
from beholder.app.evaluate import evaluate
from beholder.app.group import DEFAULT, DefaultCommand, DefaultGroup
from beholder.app.ladder import ladder
from beholder.app.ladder_make import make
from beholder.app.models import models
from beholder.app.pool_extract import extract
from beholder.app.pool_plot import plot
from beholder.app.pool_rank import rank
from beholder.app.score import score
from beholder.app.splits import compare_split_files, split_dataset
from beholder.app.training import export, recipes, train
from beholder.errors import BeholderError, ModelError, UsageError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_STOPPED = 130

# Plain help and no pretty tracebacks: the same text in every terminal, and nothing slow to load.
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _stoppable(command: Callable[..., None]) -> Callable[..., None]:
    """Let Ctrl-C end a command with the code that shells expect, in every version of typer."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_STOPPED) from None

    return run


for each in (score, demo, models, recipes, train, evaluate, export):
    app.command()(_stoppable(each))

_ladder = typer.Typer(cls=DefaultGroup, short_help="Encode a source at several rates, score each.")
_ladder.command(DEFAULT, cls=DefaultCommand)(_stoppable(ladder))
_ladder.command("make")(_stoppable(make))
app.add_typer(_ladder, name="ladder")

# Alone it lists; what follows it is a command, never the name of a data set.
_datasets = typer.Typer(callback=_stoppable(list_datasets), invoke_without_command=True)
_datasets.command("show")(_stoppable(show_dataset))
_datasets.command("check")(_stoppable(check_dataset))
_datasets.command("split")(_stoppable(split_dataset))
_datasets.command("compare")(_stoppable(compare_split_files))
app.add_typer(_datasets, name="datasets")

_pool = typer.Typer(no_args_is_help=True, short_help="Frozen models: their features and ranks.")
for command in (extract, rank, plot):
    _pool.command()(_stoppable(command))
app.add_typer(_pool, name="pool")


def _show_version(value: bool) -> None:
    if value:
        from beholder import __version__

        typer.echo(f"beholder {__version__}")
        raise typer.Exit


@app.callback()
def _beholder(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Score how good images and videos look to people, without a reference.

    \b
    Start here:
      beholder demo               no file at hand: make a clip, encode it, score it
      beholder score clip.mp4     score a file
      beholder score --help       folders, patterns, formats, exit codes
    """


def main() -> None:
    """Run the command line; every error leaves as one line and an exit code, never a traceback."""
    try:
        app(prog_name="beholder")
    except BeholderError as error:
        wrong_usage = isinstance(error, UsageError | ModelError)
        _leave(f"{error} [{error.code}]", EXIT_USAGE if wrong_usage else EXIT_FAILED)
    except Exception as error:  # noqa: BLE001 - the last door
        advice = "this is a defect of Beholder, please report it with the command"
        _leave(f"{type(error).__name__}: {error}; {advice} [internal]", EXIT_FAILED)


def _leave(message: str, code: int) -> None:
    sys.stderr.write(f"beholder: error: {message}\n")
    sys.exit(code)
