from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from beholder.scoring.prefetch import prefetch


def test_items_come_in_order() -> None:
    assert list(prefetch(iter([3, 0, None, 2]))) == [3, 0, None, 2]
    assert list(prefetch([])) == []


def test_not_more_is_made_ahead_than_allowed() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(10):
            made.append(number)
            yield number

    stream = prefetch(items(), ahead=3)
    next(stream)
    stream.close()
    assert made == [0, 1, 2, 3]


def test_next_item_is_made_while_this_one_is_used() -> None:
    second_begun = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        second_begun.set()
        yield 2

    stream = prefetch(items())
    assert next(stream) == 1
    assert second_begun.wait(5)
    assert next(stream) == 2


def test_an_error_comes_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second is broken")

    stream = prefetch(items())
    assert next(stream) == 1
    with pytest.raises(ValueError, match="the second is broken"):
        next(stream)


def test_items_are_drawn_from_one_thread() -> None:
    def items() -> Iterator[int]:
        for _ in range(5):
            yield threading.get_ident()

    assert len(set(prefetch(items()))) == 1


def test_stopping_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    stream = prefetch(iter(range(100)))
    next(stream)
    stream.close()
    assert threading.active_count() == before
