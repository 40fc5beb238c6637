"""Which targets share a run: integers in, integers out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from types import SimpleNamespace

import pytest

from beholder.media.decode import last_tick
from beholder.media.seek import Segment, group_targets, indexed_keyframe


def keyframes_every(distance: int) -> Callable[[int], int]:
    return lambda target: target // distance * distance


def group(
    targets: list[int], keyframe_before: Callable[[int], int | None], *, start: int = 0
) -> list[Segment]:
    return group_targets(
        targets, start=start, keyframe_before=keyframe_before, min_gain=8, blind_gap=300
    )


def test_one_run_where_keyframes_are_far_apart() -> None:
    assert group([10, 100, 200], keyframes_every(250)) == [Segment((10, 100, 200), jumps=False)]


def test_a_jump_to_each_keyframe_that_saves_enough() -> None:
    assert group([5, 35, 40, 65], keyframes_every(30)) == [
        Segment((5,), jumps=False),
        Segment((35, 40), jumps=True),
        Segment((65,), jumps=True),
    ]


def test_no_jump_to_a_keyframe_that_is_near() -> None:
    assert group([25, 31], keyframes_every(30)) == [Segment((25, 31), jumps=False)]


def test_the_first_target_may_need_a_jump() -> None:
    assert group([95], keyframes_every(30)) == [Segment((95,), jumps=True)]
    assert group([1095], keyframes_every(30), start=1085) == [Segment((1095,), jumps=False)]


def test_without_an_index_only_long_gaps_are_jumped() -> None:
    assert group([100, 390, 700], lambda _: None) == [
        Segment((100, 390), jumps=False),
        Segment((700,), jumps=True),
    ]


class FakeIndex(list):
    """Entries by time, all keyframes, with the search of PyAV."""

    def __init__(self, *times: int) -> None:
        super().__init__(SimpleNamespace(timestamp=time) for time in times)

    def search_timestamp(self, target: int) -> int:
        return sum(entry.timestamp <= target for entry in self) - 1


def test_an_index_is_believed_as_far_as_it_goes() -> None:
    index = FakeIndex(0, 30, 60)
    assert indexed_keyframe(index, 45, blind_gap=100) == 30
    assert indexed_keyframe(index, 160, blind_gap=100) == 60
    assert indexed_keyframe(index, 161, blind_gap=100) is None
    assert indexed_keyframe(index, -1, blind_gap=100) is None
    assert indexed_keyframe(FakeIndex(), 5, blind_gap=100) is None


def test_all_targets_are_kept_in_order() -> None:
    targets = [0, 0, 7, 7, 400, 401, 402, 10_000]
    segments = group(targets, keyframes_every(50))
    assert [target for segment in segments for target in segment.targets] == targets
    assert group([], keyframes_every(50)) == []


@pytest.mark.parametrize("rate", [24, 25, 30, Fraction(30000, 1001), 60, Fraction(24000, 1001)])
@pytest.mark.parametrize("ticks_per_frame", [1, 512, 1001])
def test_a_frame_is_found_by_its_own_start_rounded_down_or_up(
    rate: Fraction, ticks_per_frame: int
) -> None:
    time_base = 1 / (Fraction(rate) * ticks_per_frame)
    for number in range(200):
        start_us = number / Fraction(rate) * 10**6
        tick = last_tick(int(start_us), time_base)
        assert tick // ticks_per_frame == number
        assert last_tick(int(start_us) - 1, time_base) // ticks_per_frame == number - 1
