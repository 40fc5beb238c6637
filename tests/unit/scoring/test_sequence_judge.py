"""Windows of a clip's frames, moment by moment."""

import numpy as np

from beholder.recipes.c2f import clip_view
from beholder.records import Frame
from beholder.sampling import plan_windows
from beholder.scoring.sequence_judge import sequence_views

VIEW = clip_view(32, num_frames=4)


def frame(number, height=96, width=128):
    rng = np.random.default_rng(number)
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Frame(pixels=pixels, time_seconds=float(number))


def test_each_moment_has_its_own_window():
    frames = [frame(number) for number in range(4)]
    views = sequence_views(frames, [0, 1, 2, 3], VIEW)
    assert views.shape == (1, 4, 3, 32, 32)
    for index, each in enumerate(frames):
        _, window = plan_windows(96, 128, VIEW, index=index, num_frames=4)
        rows = slice(window.top_px, window.top_px + 32)
        cut = each.pixels[rows, window.left_px : window.left_px + 32].transpose(2, 0, 1)
        mean, std = (np.reshape(part, (3, 1, 1)) for part in (VIEW.mean, VIEW.std))
        np.testing.assert_allclose(views[0, index], (cut - mean) / std, atol=1e-5)


def test_a_still_is_cut_at_another_place_each_time():
    views = sequence_views([frame(0)], [0, 0, 0, 0], VIEW)
    assert views.shape == (1, 4, 3, 32, 32)
    assert len({part.tobytes() for part in views[0]}) == 4


def test_frames_that_are_too_small_are_seen_whole():
    views = sequence_views([frame(0, height=20, width=40)], [0, 0, 0, 0], VIEW)
    assert views.shape == (1, 4, 3, 32, 32)
    assert np.array_equal(views[0, 0], views[0, 3])


def test_frames_are_cut_as_they_come():
    held = []

    def stream():
        for number in range(4):
            held.append(number)
            yield frame(number)

    sequence_views(stream(), [0, 0, 1, 3], VIEW)
    assert held == [0, 1, 2, 3]
