"""Works on the next item while the caller works on this one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def prefetch(items: Iterable[Item]) -> Iterator[Item]:
    """Pass items on in order, with the next one in the making on another thread.

    Decoder and network work outside Python's lock, and neither fills two cores alone. At most two
    items are alive; an error of `items` reaches the caller in its place.

    Args:
        items: Drawn from one thread only, one at a time.
    """
    iterator = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as executor:
        pending = _draw(executor, iterator)
        while found := pending.result():
            pending = _draw(executor, iterator)
            yield found[0]


def _draw(executor: ThreadPoolExecutor, items: Iterator[Item]) -> Future[list[Item]]:
    """Ask for the next item in a list of one; the list is empty after the last."""
    return executor.submit(lambda: [item for _, item in zip(range(1), items, strict=False)])
