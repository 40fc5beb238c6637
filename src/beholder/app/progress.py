"""A progress bar on standard error, for people only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


def track(items: Iterable[Item], *, total: int, label: str, show: bool = True) -> Iterator[Item]:
    """Pass items on and show how many have passed, where standard error is a terminal.

    Args:
        items: What is waited for.
        total: How many there will be.
        label: What is being done.
        show: False never shows the bar, e.g. because results appear on the same terminal.
    """
    if not (show and sys.stderr.isatty()):
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(
        console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        task = progress.add_task(label, total=total)
        for item in items:
            yield item
            progress.advance(task)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows how far each stage of long work is, where people can see it.

    Yields:
        A function of the stage's name, what is done of it, and its total.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import Progress, TaskID

    with Progress(console=Console(stderr=True)) as progress:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = progress.add_task(stage, total=total)
            progress.update(tasks[stage], completed=done)

        yield tell
