"""Ctrl-C ends every command in the same way."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import typer

EXIT_STOPPED = 130


def stoppable(command: Callable[..., None]) -> Callable[..., None]:
    """Let Ctrl-C end a command with the code that shells expect, in every version of typer."""

    @functools.wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_STOPPED) from None

    return run
