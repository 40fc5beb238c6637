"""Which windows of a frame are looked at: whole numbers, no pixels.

The first window is the whole frame, the overview; those of a large frame's details follow. The
order is part of the contract, because pooling weighs the first window as the overview.
"""

from __future__ import annotations

import math

from beholder.errors import UsageError
from beholder.records import ViewSpec, Window

_UNIT = 1 << 32
# The R2 sequence: additive recurrence with the inverse powers of the plastic number, which fills
# the unit square evenly for every prefix (Roberts, "The unreasonable effectiveness of quasirandom
# sequences", 2018). In 32-bit fixed point, so that every machine cuts the same windows.
_STEP_DOWN = round(0.7548776662466927 * _UNIT)
_STEP_RIGHT = round(0.5698402909910533 * _UNIT)


def plan_windows(
    height_px: int, width_px: int, view: ViewSpec, *, index: int = 0, num_frames: int = 1
) -> tuple[Window, ...]:
    """Choose the windows of one frame.

    Args:
        height_px: Height of the frame, at least 1.
        width_px: Width of the frame, at least 1.
        view: How the model looks at a frame.
        index: Place of the frame in the plan, from 0. Details move with it along one sequence,
            so that over time they cover the picture, unless the view says that they stay.
        num_frames: Number of frames in the plan; a single frame gets `view.image_details`
            details, each of several `view.frame_details`.

    Returns:
        The whole frame, and after it the details of a frame larger than `view.whole_area_px`. All
        lie inside the frame; all output sides are multiples of `view.size_multiple_px`.

    Raises:
        UsageError: A side is smaller than 1.
    """
    if min(height_px, width_px) < 1:
        raise UsageError(f"expected a frame of at least 1 x 1, found {width_px} x {height_px}")
    whole = _whole(height_px, width_px, view)
    if height_px * width_px <= view.whole_area_px:
        return (whole,)
    count = view.image_details if num_frames == 1 else view.frame_details
    first = index * count if view.moving_details else 0
    details = (_detail(height_px, width_px, view, step=first + number) for number in range(count))
    return (whole, *details)


def _whole(height_px: int, width_px: int, view: ViewSpec) -> Window:
    if height_px * width_px <= view.overview_area_px:
        return _native(height_px, width_px, view)
    return _overview(height_px, width_px, view)


def _native(height_px: int, width_px: int, view: ViewSpec) -> Window:
    """Cut the frame to multiples; enlarge it where a side is below one multiple."""
    multiple, short = view.size_multiple_px, min(height_px, width_px)
    if short >= multiple:
        out_height, out_width = _floor(height_px, multiple), _floor(width_px, multiple)
        return _centred(height_px, width_px, (out_height, out_width), (out_height, out_width))
    # Squares of the short side fit whole numbers of times into both sides. A thread of a picture
    # (1 x 100,000) would grow without bound when enlarged; its middle is seen then.
    most = max(1, view.overview_area_px // multiple**2)
    down, right = min(height_px // short, most), min(width_px // short, most)
    cut, out = (down * short, right * short), (down * multiple, right * multiple)
    return _centred(height_px, width_px, cut, out)


def _overview(height_px: int, width_px: int, view: ViewSpec) -> Window:
    multiple = view.size_multiple_px
    shrink = max(1.0, math.sqrt(height_px * width_px / view.overview_area_px))
    short_px, long_px = sorted((height_px, width_px))
    short_out = _nearest(short_px / shrink, multiple, most=short_px)
    # Where the short side cannot shrink further, the long one is squeezed to bound the area.
    bound = 2 * view.overview_area_px // short_out
    long_out = _nearest(long_px / shrink, multiple, most=min(long_px, bound))
    tall = height_px > width_px
    return Window(
        top_px=0,
        left_px=0,
        height_px=height_px,
        width_px=width_px,
        out_height_px=long_out if tall else short_out,
        out_width_px=short_out if tall else long_out,
    )


def _detail(height_px: int, width_px: int, view: ViewSpec, *, step: int) -> Window:
    shrink = max(1.0, min(height_px, width_px) / view.detail_short_side_px)
    height, out_height = _detail_side(height_px, shrink, view)
    width, out_width = _detail_side(width_px, shrink, view)
    return Window(
        top_px=_position(step, _STEP_DOWN, height_px - height),
        left_px=_position(step, _STEP_RIGHT, width_px - width),
        height_px=height,
        width_px=width,
        out_height_px=out_height,
        out_width_px=out_width,
    )


def _detail_side(side_px: int, shrink: float, view: ViewSpec) -> tuple[int, int]:
    """Return the side in source pixels and at the model's input."""
    out = min(view.detail_side_px, _floor(int(side_px / shrink), view.size_multiple_px))
    return min(side_px, round(out * shrink)), out


def _position(step: int, stride: int, room_px: int) -> int:
    """Place number `step` of the sequence, which starts in the middle, in 0..`room_px`."""
    fraction = (_UNIT // 2 + step * stride) % _UNIT
    return fraction * (room_px + 1) // _UNIT


def _centred(height_px: int, width_px: int, cut: tuple[int, int], out: tuple[int, int]) -> Window:
    return Window(
        top_px=(height_px - cut[0]) // 2,
        left_px=(width_px - cut[1]) // 2,
        height_px=cut[0],
        width_px=cut[1],
        out_height_px=out[0],
        out_width_px=out[1],
    )


def _floor(side_px: int, multiple: int) -> int:
    return max(multiple, side_px // multiple * multiple)


def _nearest(side_px: float, multiple: int, *, most: int) -> int:
    return min(max(multiple, round(side_px / multiple) * multiple), _floor(most, multiple))
