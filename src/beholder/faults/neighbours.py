"""Which frames beside the looked-at ones tell of repeated frames: whole numbers, no pixels."""

from __future__ import annotations

from beholder.records import FramePlan, MediaInfo

BURST_FRAMES = 4
"""Frames after a look: enough to see movement stop and go on."""
MOST_BURSTS = 8
"""Looks with a burst, spread over the file; so the cost is bounded whatever the duration."""
_MICROSECONDS = 1_000_000


def plan_neighbours(plan: FramePlan, info: MediaInfo) -> tuple[FramePlan, tuple[int, ...]]:
    """Add the frames right after some looks to a plan.

    Args:
        plan: The looks of a model; its frames stay as they are.
        info: What the file holds.

    Returns:
        The wider plan, and for each of its times the number of the look to which it belongs.
    """
    looks = sorted(set(plan.times_us))
    if info.kind == "image" or not info.fps or not info.duration_seconds:
        return FramePlan(times_us=tuple(looks)), tuple(range(len(looks)))
    frame_us = _MICROSECONDS / info.fps
    count = min(MOST_BURSTS, len(looks))
    with_burst = {(2 * number + 1) * len(looks) // (2 * count) for number in range(count)}
    ends = [*looks[1:], round(info.duration_seconds * _MICROSECONDS)]
    times: dict[int, int] = {}
    for number, (time_us, end_us) in enumerate(zip(looks, ends, strict=True)):
        times[time_us] = number
        for step in range(1, BURST_FRAMES + 1 if number in with_burst else 1):
            neighbour_us = round(time_us + step * frame_us)
            # What lies half a frame before the next look or later belongs to that one.
            if neighbour_us < end_us - frame_us / 2:
                times[neighbour_us] = number
    ordered = sorted(times)
    return FramePlan(times_us=tuple(ordered)), tuple(times[time_us] for time_us in ordered)
