"""Frames as models see them: sizes, values, which frames."""

from __future__ import annotations

import numpy as np
import pytest

from beholder.pool.entry import InputSpec
from beholder.pool.prepare import plan_times, prepare, prepare_frames, union_plan
from beholder.records import Frame
from tests.view_factory import video_info


def _ramp(height: int, width: int) -> np.ndarray:
    """Red rises to the right, green downwards, one level a pixel."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.arange(width)
    picture[..., 1] = np.arange(height)[:, None]
    return picture


def _prepare_one(pixels: np.ndarray, spec: InputSpec) -> np.ndarray:
    """Prepare a frame that is seen in one view."""
    (seen,) = prepare(pixels, spec)
    return seen


def test_a_crop_without_resize_keeps_the_pixels():
    seen = _prepare_one(_ramp(100, 200), InputSpec(fit="crop", size_px=64, pixels="uint8"))
    np.testing.assert_array_equal(seen, _ramp(100, 200)[18:82, 68:132])


def test_a_crop_enlarges_only_what_is_too_small():
    seen = _prepare_one(_ramp(32, 60), InputSpec(fit="crop", size_px=64, pixels="uint8"))
    assert seen.shape == (64, 64, 3)
    assert abs(int(seen[32, 32, 0]) - 30) <= 1
    assert abs(int(seen[32, 32, 1]) - 16) <= 1


def test_the_shorter_side_is_resized_before_the_crop():
    spec = InputSpec(fit="crop", size_px=48, short_px=50, std=(1.0, 1.0, 1.0))
    seen = _prepare_one(_ramp(100, 200), spec)
    assert seen.shape == (3, 48, 48)
    # Two source pixels for one: the middle stays the middle, steps become two levels.
    np.testing.assert_allclose(seen[0, 24], np.arange(48) * 2 + 52.5, atol=0.1)
    np.testing.assert_allclose(seen[1, :, 24], np.arange(48) * 2 + 2.5, atol=0.3)


def test_a_squash_sees_everything():
    seen = _prepare_one(_ramp(100, 200), InputSpec(fit="squash", size_px=50, std=(1.0, 1.0, 1.0)))
    np.testing.assert_allclose(seen[0, 25, 2:-2], (np.arange(50) * 4 + 1.5)[2:-2], atol=0.1)


def test_a_thread_of_a_picture_costs_no_more_than_its_middle():
    seen = _prepare_one(_ramp(2, 250), InputSpec(fit="crop", size_px=64, short_px=64))
    assert seen.shape == (3, 64, 64)
    assert abs(seen[0].mean() * 255 - 124.5) < 1


def test_tiles_cover_the_frame_at_its_own_resolution():
    spec = InputSpec(fit="tiles", size_px=32, short_px=64, pixels="uint8")
    seen = prepare(_ramp(60, 100), spec)
    corners = [(top, left) for top in (0, 28) for left in (0, 23, 45, 68)]
    expected = [_ramp(60, 100)[top : top + 32, left : left + 32] for top, left in corners]
    np.testing.assert_array_equal(seen, expected)


@pytest.mark.parametrize(("height", "width", "num_tiles"), [(32, 32, 1), (8, 9, 2), (200, 100, 8)])
def test_tiles_are_few_whatever_the_size(height, width, num_tiles):
    seen = prepare(_ramp(height, width), InputSpec(fit="tiles", size_px=32, short_px=64))
    assert seen.shape == (num_tiles, 3, 32, 32)


def test_every_tile_counts_as_a_frame():
    tiles = InputSpec(fit="tiles", size_px=8, short_px=16)
    info = video_info(duration_seconds=0.12, num_frames=3)
    times = plan_times(info, [tiles], num_frames=16)
    shown = [Frame(pixels=_ramp(16, 16), time_seconds=0.0)] * 3
    inputs = prepare_frames(shown, union_plan(times), times)
    assert inputs[tiles].shape == (12, 3, 8, 8)


def test_values_are_normalised_and_never_beyond_black_and_white():
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 32:] = 255
    spec = InputSpec(fit="squash", size_px=40, mean=(0.0, 51.0, 102.0), std=(255.0, 51.0, 1.0))
    seen = _prepare_one(picture, spec)
    np.testing.assert_allclose(seen.min((1, 2)), [0, -1, -102], atol=1e-5)
    np.testing.assert_allclose(seen.max((1, 2)), [1, 4, 153], atol=1e-5)


def test_frames_are_looked_at_once_and_clips_may_repeat():
    frames, clip = (
        InputSpec(fit="squash", size_px=8),
        InputSpec(fit="squash", size_px=8, clip_frames=6),
    )
    info = video_info(duration_seconds=0.12, num_frames=3)
    times = plan_times(info, [frames, clip], num_frames=16)
    assert len(times[frames]) == 3
    assert len(times[clip]) == 6
    assert sorted(times[clip]) == list(times[clip])
    plan = union_plan(times)
    assert plan.times_us == times[frames]
    levels = [np.full((9, 9, 3), 10 * number, np.uint8) for number in range(3)]
    shown = [Frame(pixels=pixels, time_seconds=0.0) for pixels in levels]
    inputs = prepare_frames(shown, plan, times)
    np.testing.assert_allclose(inputs[frames].mean((1, 2, 3)) * 255, [0, 10, 20], atol=1e-3)
    np.testing.assert_allclose(
        inputs[clip].mean((1, 2, 3)) * 255, [0, 0, 10, 10, 20, 20], atol=1e-3
    )


@pytest.mark.parametrize("num_frames", [1, 5, 16])
def test_one_decode_serves_all(num_frames):
    frames = InputSpec(fit="squash", size_px=8)
    clip = InputSpec(fit="squash", size_px=8, clip_frames=8)
    info = video_info(duration_seconds=10.0, num_frames=250)
    times = plan_times(info, [frames, clip], num_frames=num_frames)
    assert len(times[frames]) == num_frames
    assert set(union_plan(times).times_us) == set(times[frames]) | set(times[clip])
