"""A source is streamed at a constant rate, upright and even, as often as it is asked for."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from beholder.errors import NotFound, UsageError
from beholder.ladders import stream
from beholder.ladders.stream import open_clip
from tests.media_factory import make_image, make_video, read_frame_number


def numbers(path: Path, **options: float) -> list[int]:
    return [read_frame_number(pixels) for pixels in open_clip(path, **options).frames(None)]


@pytest.mark.parametrize("block", [1, 3, 4096])
def test_every_frame_comes_once_whatever_the_blocks(
    block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_BLOCK_FRAMES", block)
    path = make_video(tmp_path / "a.mkv", num_frames=10, fps=30000 / 1001)
    assert numbers(path) == list(range(10))
    assert open_clip(path).num_frames == 10


def test_limit_takes_the_start(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", num_frames=20, fps=10)
    assert numbers(path, limit_seconds=0.7) == list(range(7))
    assert numbers(path, limit_seconds=0.01) == [0]
    assert numbers(path, limit_seconds=99.0) == list(range(20))
    assert numbers(path, limit_seconds=math.inf) == list(range(20))


def test_frames_are_shrunk_on_the_way(tmp_path: Path) -> None:
    clip = open_clip(make_video(tmp_path / "a.mp4", width=128, height=96))
    first, second = next(clip.frames(48)), next(clip.frames(None))
    assert (first.shape, second.shape) == ((48, 64, 3), (96, 128, 3))
    assert read_frame_number(first) == 0


def test_turned_source_stands_upright(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", width=128, height=96, rotation_degrees=90)
    clip = open_clip(path)
    assert (clip.width_px, clip.height_px) == (96, 128)
    assert next(clip.frames(64)).shape == (64, 48, 3)


def test_variable_rate_becomes_constant(tmp_path: Path) -> None:
    times_us = [0, 100_000, 200_000, 300_000, 700_000]
    path = make_video(tmp_path / "a.mkv", num_frames=5, times_us=times_us)
    assert open_clip(path).num_frames == 5
    # The middles of five equal parts; the fourth frame is on screen for more than half the time.
    assert numbers(path) == [0, 2, 3, 3, 3]


def test_odd_sides_and_deep_colour_are_noted(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mkv", width=97, height=65, codec="ffv1", pixel_format="yuv444p")
    clip = open_clip(path)
    assert (clip.width_px, clip.height_px) == (96, 64)
    assert clip.notes == ("the last odd row or column is cut off",)
    deep = make_video(tmp_path / "b.mkv", codec="ffv1", pixel_format="yuv420p10le")
    assert open_clip(deep).notes == ("10 bits per channel are encoded as 8",)


def test_what_is_no_video_is_told(tmp_path: Path) -> None:
    picture = make_image(tmp_path / "a.png")
    with pytest.raises(UsageError, match=r"found a picture in '.*a\.png'; score it with"):
        open_clip(picture)
    with pytest.raises(NotFound, match="found nothing"):
        open_clip(tmp_path / "b.mp4")
