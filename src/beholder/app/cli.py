"""The command `beholder`, put together of what the files beside this one hold."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, Any

import typer

from beholder.app.stoppable import stoppable
from beholder.errors import BeholderError, ModelError, UsageError

EXIT_FAILED = 1
EXIT_USAGE = 2

COMMANDS = {
    "score": "score:score",
    "compare": "compare:compare",
    "report": "report:report",
    "demo": "demo:demo",
    "models": "models:models",
    "doctor": "doctor:doctor",
    "bench": "bench:bench",
    "recipes": "training:recipes",
    "train": "training:train",
    "evaluate": "evaluate:evaluate",
    "export": "training:export",
    "serve": "serve:serve",
    "batch": "batch:batch",
}
"""File and function of each command, in the order of `beholder --help`."""

GROUPS = {
    "ladder": "groups:ladder_commands",
    "datasets": "groups:datasets_commands",
    "pool": "groups:pool_commands",
}
"""File and function of each group of commands."""


def build(names: Iterable[str]) -> typer.Typer:
    """Put some commands and groups together; only these are imported."""
    # Plain help and no pretty tracebacks: the same text in every terminal, nothing slow to load.
    app = typer.Typer(
        callback=_beholder,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in names:
        if name in GROUPS:
            app.add_typer(_load(GROUPS[name])(), name=name)
        else:
            app.command(name)(stoppable(_load(COMMANDS[name])))
    return app


def main() -> None:
    """Run the command line; every error leaves as one line and an exit code, never a traceback."""
    try:
        # A command imports none of the others, so that many commands do not make each one slow.
        everything = (*COMMANDS, *GROUPS)
        asked = sys.argv[1:2]
        build(asked if asked and asked[0] in everything else everything)(prog_name="beholder")
    except BeholderError as error:
        wrong_usage = isinstance(error, UsageError | ModelError)
        _leave(f"{error} [{error.code}]", EXIT_USAGE if wrong_usage else EXIT_FAILED)
    except Exception as error:  # noqa: BLE001 - the last door
        advice = "this is a defect of Beholder, please report it with the command"
        _leave(f"{type(error).__name__}: {error}; {advice} [internal]", EXIT_FAILED)


def _load(place: str) -> Any:
    file, _, function = place.partition(":")
    return getattr(import_module(f"beholder.app.{file}"), function)


def _show_version(value: bool) -> None:
    if value:
        from beholder import __version__

        typer.echo(f"beholder {__version__}")
        raise typer.Exit


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


def _leave(message: str, code: int) -> None:
    sys.stderr.write(f"beholder: error: {message}\n")
    sys.exit(code)
