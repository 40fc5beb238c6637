"""A group of commands that is a command itself, as `beholder ladder` is."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

DEFAULT = "run"


class DefaultGroup(TyperGroup):
    """Runs its command `run` unless the first word is the name of another one.

    `run` is not a word to type: it may be a file. A file that has the name of a command is
    written with its folder, e.g. `./make`.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the default command's name before arguments that name none."""
        named = args and args[0] in self.commands and args[0] != DEFAULT
        return super().parse_args(ctx, args if named else [DEFAULT, *(args or ["--help"])])


class DefaultCommand(TyperCommand):
    """The command `run` of a group; in usage and errors it has the group's name."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Stand in the place of the group."""
        if parent is not None:
            info_name, parent = parent.info_name, parent.parent
        return super().make_context(info_name, args, parent=parent, **extra)
