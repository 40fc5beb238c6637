from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from beholder.errors import UsageError
from beholder.records import ViewSpec, Window
from beholder.sampling import plan_windows
from tests.view_factory import VIEW


def _window(rectangle: tuple[int, int, int, int], out: tuple[int, int]) -> Window:
    top, left, height, width = rectangle
    return Window(
        top_px=top,
        left_px=left,
        height_px=height,
        width_px=width,
        out_height_px=out[0],
        out_width_px=out[1],
    )


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((384, 384), _window((0, 0, 384, 384), (384, 384))),
        ((289, 415), _window((0, 15, 288, 384), (288, 384))),
        ((480, 640), _window((0, 0, 480, 640), (320, 448))),
        ((10, 65), _window((0, 2, 10, 60), (32, 192))),
        ((1, 1), _window((0, 0, 1, 1), (32, 32))),
        ((200, 20), _window((0, 0, 200, 20), (320, 32))),
    ],
)
def test_small_frame_is_one_window(size: tuple[int, int], expected: Window) -> None:
    assert plan_windows(*size, VIEW) == (expected,)


def test_full_hd_has_overview_then_details_in_the_middle_first() -> None:
    overview, *details = plan_windows(1080, 1920, VIEW)
    assert overview == _window((0, 0, 1080, 1920), (288, 512))
    assert len(details) == VIEW.image_details
    # The short side would be shrunk from 1080 to 720, so 224 pixels show 336 of the source.
    assert details[0] == _window((372, 792, 336, 336), (224, 224))


def test_details_are_never_enlarged() -> None:
    for window in plan_windows(300, 4000, VIEW)[1:]:
        assert (window.height_px, window.width_px) == (224, 224)
    for window in plan_windows(100, 8000, VIEW)[1:]:
        assert (window.height_px, window.out_height_px) == (96, 96)


def test_video_frames_have_their_own_details_which_move() -> None:
    plans = [plan_windows(1080, 1920, VIEW, index=i, num_frames=32) for i in range(32)]
    assert {len(plan) for plan in plans} == {2}
    assert len({(plan[1].top_px, plan[1].left_px) for plan in plans}) == 32
    covered = np.zeros((1080, 1920), bool)
    for _, detail in plans:
        rows = slice(detail.top_px, detail.top_px + detail.height_px)
        covered[rows, detail.left_px : detail.left_px + detail.width_px] = True
    assert covered.mean() > 0.75


def test_more_details_continue_the_sequence() -> None:
    view = dataclasses.replace(VIEW, frame_details=3)
    by_frame = [w for i in range(4) for w in plan_windows(1080, 1920, view, index=i, num_frames=4)]
    details = [window for window in by_frame if window.height_px != 1080]
    one_image = dataclasses.replace(view, image_details=12)
    assert details == list(plan_windows(1080, 1920, one_image)[1:])


def test_upright_is_the_mirror_of_wide() -> None:
    wide, tall = (plan_windows(*size, VIEW)[0] for size in ((1080, 1920), (1920, 1080)))
    assert (wide.out_height_px, wide.out_width_px) == (tall.out_width_px, tall.out_height_px)


def _random_view(rng: np.random.Generator) -> ViewSpec:
    multiple = int(rng.choice([1, 8, 32]))
    return dataclasses.replace(
        VIEW,
        size_multiple_px=multiple,
        whole_area_px=int(rng.integers(multiple**2, 500_000)),
        overview_area_px=int(rng.integers(multiple**2, 300_000)),
        detail_side_px=multiple * int(rng.integers(1, 12)),
        detail_short_side_px=int(rng.integers(multiple, 1200)),
    )


def test_windows_never_leave_the_frame() -> None:
    rng = np.random.default_rng(1)
    for _ in range(2000):
        view = _random_view(rng)
        height, width = (int(2 ** rng.uniform(0, 13)) for _ in range(2))
        index = int(rng.integers(0, 10_000))
        for window in plan_windows(height, width, view, index=index, num_frames=2):
            assert window.top_px >= 0
            assert window.left_px >= 0
            assert window.height_px >= 1
            assert window.width_px >= 1
            assert window.top_px + window.height_px <= height
            assert window.left_px + window.width_px <= width
            assert window.out_height_px % view.size_multiple_px == 0 < window.out_height_px
            assert window.out_width_px % view.size_multiple_px == 0 < window.out_width_px


@pytest.mark.parametrize("size", [(1, 200_000), (200_000, 1), (16, 100_000), (31, 1_000_000)])
def test_threads_of_a_picture_do_not_explode(size: tuple[int, int]) -> None:
    for window in plan_windows(*size, VIEW):
        assert window.out_height_px * window.out_width_px <= 2 * VIEW.overview_area_px


def test_empty_frame_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 1 x 1, found 5 x 0"):
        plan_windows(0, 5, VIEW)


def test_details_stay_where_the_view_says_so() -> None:
    still = dataclasses.replace(VIEW, moving_details=False, frame_details=2)
    first, later = (plan_windows(1080, 1920, still, index=i, num_frames=8) for i in (0, 7))
    assert first == later
    assert len(set(first)) == 3
    moving = dataclasses.replace(still, moving_details=True)
    assert plan_windows(1080, 1920, moving, index=0, num_frames=8) == first
    assert plan_windows(1080, 1920, moving, index=7, num_frames=8) != first
