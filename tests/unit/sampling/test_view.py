from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from beholder.errors import UsageError
from beholder.sampling import apply, normalise, plan_windows
from tests.view_factory import VIEW


def test_small_frame_is_only_normalised() -> None:
    frame = np.random.default_rng(3).integers(0, 256, (64, 96, 3), np.uint8)
    (view,) = apply(frame, plan_windows(64, 96, VIEW), VIEW)
    expected = (frame.astype(np.float32) - 127.5) / np.float32([128, 64, 32])
    assert view.dtype == np.float32
    np.testing.assert_array_equal(view, expected.transpose(2, 0, 1))


def test_windows_show_their_part_of_the_frame() -> None:
    frame = np.zeros((720, 1280, 3), np.uint8)
    windows = plan_windows(720, 1280, VIEW)
    detail = windows[1]
    frame[detail.top_px : detail.top_px + 224, detail.left_px : detail.left_px + 224] = 255
    views = apply(frame, windows, VIEW)
    assert [view.shape for view in views] == [(3, 288, 512)] + 4 * [(3, 224, 224)]
    white = np.float32(255 - 127.5) / np.float32([128, 64, 32])
    np.testing.assert_array_equal(views[1], np.broadcast_to(white[:, None, None], (3, 224, 224)))


def test_normalise_takes_batches() -> None:
    batch = np.random.default_rng(4).integers(0, 256, (2, 3, 8, 8), np.uint8)
    normalised = normalise(batch, VIEW)
    assert normalised.dtype == np.float32
    np.testing.assert_array_equal(normalised[1], normalise(batch[1].astype(np.float32), VIEW))


def test_window_outside_the_frame_is_refused() -> None:
    window = plan_windows(64, 96, VIEW)[0]
    outside = dataclasses.replace(window, left_px=1)
    with pytest.raises(UsageError, match="inside the frame of 96 x 64, found Window"):
        apply(np.zeros((64, 96, 3), np.uint8), [outside], VIEW)
