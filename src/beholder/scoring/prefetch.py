"""Works on the next item while the caller works on this one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def prefetch(items: Iterable[Item], *, ahead: int = 2) -> Iterator[Item]:
    """Pass items on in order, with the next ones in the making on another thread.

    Decoder and network work outside Python's lock, and neither fills two cores alone. An error of
    `items` reaches the caller in its place.

    Args:
        items: Drawn from one thread only, one at a time.
        ahead: Most items that are made before they are asked for. Decoders with two threads give
            frames in pairs: one more than that keeps them from waiting.
    """
    iterator = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="prefetch") as executor:
        pending = deque(_draw(executor, iterator) for _ in range(ahead))
        while found := pending.popleft().result():
            pending.append(_draw(executor, iterator))
            yield found[0]


def _draw(executor: ThreadPoolExecutor, items: Iterator[Item]) -> Future[list[Item]]:
    """Ask for the next item in a list of one; the list is empty after the last."""
    return executor.submit(lambda: list(islice(items, 1)))
