"""Commands that have commands: each function puts one group together."""

from __future__ import annotations

import typer

from beholder.app.stoppable import stoppable


def ladder_commands() -> typer.Typer:
    """`beholder ladder SOURCE`, and `beholder ladder make`."""
    from beholder.app.group import DEFAULT, DefaultCommand, DefaultGroup
    from beholder.app.ladder import ladder
    from beholder.app.ladder_make import make

    group = typer.Typer(
        cls=DefaultGroup, short_help="Encode a source at several rates, score each."
    )
    group.command(DEFAULT, cls=DefaultCommand)(stoppable(ladder))
    group.command("make")(stoppable(make))
    return group


def datasets_commands() -> typer.Typer:
    """`beholder datasets`; what follows is a command, never the name of a data set."""
    from beholder.app.datasets import check_dataset, list_datasets, show_dataset
    from beholder.app.splits import compare_split_files, split_dataset

    group = typer.Typer(callback=stoppable(list_datasets), invoke_without_command=True)
    group.command("show")(stoppable(show_dataset))
    group.command("check")(stoppable(check_dataset))
    group.command("split")(stoppable(split_dataset))
    group.command("compare")(stoppable(compare_split_files))
    return group


def pool_commands() -> typer.Typer:
    """`beholder pool extract`, `rank` and `plot`."""
    from beholder.app.pool_extract import extract
    from beholder.app.pool_plot import plot
    from beholder.app.pool_rank import rank

    group = typer.Typer(no_args_is_help=True, short_help="Frozen models: their features and ranks.")
    for command in (extract, rank, plot):
        group.command()(stoppable(command))
    return group
