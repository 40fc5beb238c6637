"""A progress bar on standard error, for people only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
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
