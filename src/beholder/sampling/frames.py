"""Which frames of a file are looked at: whole numbers, no decoding."""

from __future__ import annotations

from beholder.records import FramePlan, MediaInfo, ViewSpec

_MICROSECONDS = 1_000_000


def plan_frames(info: MediaInfo, view: ViewSpec) -> FramePlan:
    """Choose the frames to decode, spread evenly over the duration.

    The duration is cut into equal slices, one per wanted frame. Each target is the middle of the
    frame that is on screen at the middle of its slice: far from both ends of that frame, so that
    time stamps rounded by a container (Matroska keeps milliseconds) still lead to it.

    Args:
        info: What the file holds.
        view: How the model looks at a file; gives the frames per second and their bounds.

    Returns:
        Rising, unique times in microseconds. `(0,)` for an image or a video without a duration.
    """
    duration_us = _duration_us(info)
    if not duration_us:
        return FramePlan(times_us=(0,))
    wanted = round(duration_us * view.frames_per_second / _MICROSECONDS)
    wanted = min(max(wanted, view.min_frames), view.max_frames)
    wanted = max(1, min(wanted, _available(info, duration_us)))
    return FramePlan(times_us=spread_times(info, wanted))


def spread_times(info: MediaInfo, count: int) -> tuple[int, ...]:
    """Spread a fixed number of looks over the duration, as `plan_frames` does.

    Args:
        info: What the file holds.
        count: How many, at least 1.

    Returns:
        Times in microseconds that never fall; a video of fewer frames repeats some of them, an
        image repeats 0.
    """
    duration_us = _duration_us(info)
    if not duration_us:
        return (0,) * count
    available = _available(info, duration_us)
    indices = ((2 * i + 1) * available // (2 * count) for i in range(count))
    return tuple((2 * k + 1) * duration_us // (2 * available) for k in indices)


def _duration_us(info: MediaInfo) -> int:
    """Return the duration in microseconds; 0 for an image or a video without one."""
    if info.kind == "image":
        return 0
    return max(0, round((info.duration_seconds or 0.0) * _MICROSECONDS))


def _available(info: MediaInfo, duration_us: int) -> int:
    # Below one microsecond per frame two targets could meet; no real file comes near it.
    return max(1, min(info.num_frames, duration_us))
