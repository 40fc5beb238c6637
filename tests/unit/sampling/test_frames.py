from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from beholder.sampling import plan_frames
from tests.view_factory import VIEW, video_info


def test_image_is_one_frame() -> None:
    info = dataclasses.replace(
        video_info(duration_seconds=None, num_frames=1), kind="image", fps=None
    )
    assert plan_frames(info, VIEW).times_us == (0,)


def test_video_without_duration_is_one_frame() -> None:
    assert plan_frames(video_info(duration_seconds=None, num_frames=40), VIEW).times_us == (0,)


@pytest.mark.parametrize(
    ("duration_seconds", "num_frames", "expected"),
    [(20.0, 500, 20), (2.0, 50, 8), (0.12, 3, 3), (10_800.0, 270_000, 32), (60.0, 5, 5)],
)
def test_count_follows_rate_and_bounds(
    duration_seconds: float, num_frames: int, expected: int
) -> None:
    info = video_info(duration_seconds=duration_seconds, num_frames=num_frames)
    assert len(plan_frames(info, VIEW).times_us) == expected


def test_targets_are_middles_of_the_frames_at_the_middle_of_equal_slices() -> None:
    view = dataclasses.replace(VIEW, min_frames=2)
    info = video_info(duration_seconds=2.0, num_frames=8)
    # Slices of 1 s; their middles 0.5 s and 1.5 s are the starts of frames 2 and 6.
    assert plan_frames(info, view).times_us == (625_000, 1_625_000)


def test_targets_stay_inside_and_on_distinct_frames() -> None:
    rng = np.random.default_rng(0)
    for _ in range(500):
        num_frames = int(rng.integers(1, 4000))
        frame_seconds = 1 / float(rng.uniform(1, 240))
        info = video_info(duration_seconds=num_frames * frame_seconds, num_frames=num_frames)
        times = plan_frames(info, VIEW).times_us
        shown = [int(t / 1e6 / frame_seconds) for t in times]
        assert times[0] >= 0
        assert times[-1] < num_frames * frame_seconds * 1e6
        assert len(set(shown)) == len(times)
        assert list(times) == sorted(times)
        # Time stamps rounded to milliseconds must lead to the same frames.
        if frame_seconds > 0.005:
            starts = np.round(np.arange(num_frames) * frame_seconds, 3) * 1e6
            assert list(np.searchsorted(starts, times, side="right") - 1) == shown


def test_nonsense_frame_counts_do_not_break_the_plan() -> None:
    assert len(plan_frames(video_info(duration_seconds=5.0, num_frames=0), VIEW).times_us) == 1
    assert plan_frames(video_info(duration_seconds=1e-6, num_frames=90), VIEW).times_us == (0,)
