"""Each kind of source is found by its look and read at the right size, from the right place."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from beholder.errors import DataError
from beholder.ladders.encode import encode
from beholder.ladders.sources import find_sources, read_source


def write_picture(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png")
        stream.height, stream.width = pixels.shape[:2]
        stream.pix_fmt = "rgb24"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))


def grey(level: int, *, height: int = 64, width: int = 96) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def test_kinds_are_told_apart_and_sorted(tmp_path: Path) -> None:
    write_picture(tmp_path / "c.png", grey(1))
    write_picture(tmp_path / "a" / "0.png", grey(1))
    encode([grey(9)] * 2, tmp_path / "b.mp4", codec="x264", fps=25, crf=20)
    (tmp_path / "notes.txt").write_text("passed over")
    (tmp_path / "empty").mkdir()
    found = [(source.content_id, source.kind) for source in find_sources(tmp_path)]
    assert found == [("a", "sequence"), ("b", "video"), ("c", "picture")]


def test_sequence_gives_its_middle_frames_unchanged(tmp_path: Path) -> None:
    for index in range(7):
        write_picture(tmp_path / "clip" / f"{index}.png", grey(index * 10, height=65, width=97))
    frames, fps = read_source(find_sources(tmp_path)[0], num_frames=3, fps=24)
    assert fps == 24
    assert [frame.shape for frame in frames] == [(65, 97, 3)] * 3
    assert [int(frame[0, 0, 0]) for frame in frames] == [20, 30, 40]


@pytest.mark.parametrize(
    ("stored", "given"),
    [((720, 1280), (360, 640)), ((400, 600), (270, 404)), ((96, 128), (96, 128))],
)
def test_video_is_halved_but_not_below_270(
    stored: tuple[int, int], given: tuple[int, int], tmp_path: Path
) -> None:
    levels = [grey(level, height=stored[0], width=stored[1]) for level in (20, 90, 160, 230)]
    encode(levels, tmp_path / "a.mp4", codec="x264", fps=30000 / 1001, crf=10)
    frames, fps = read_source(find_sources(tmp_path)[0], num_frames=2, fps=24)
    assert fps == pytest.approx(29.97, abs=1e-3)
    assert [frame.shape for frame in frames] == [(*given, 3)] * 2
    assert [round(float(frame.mean()), -1) for frame in frames] == [90, 160]


def test_picture_becomes_a_pan_that_moves_by_parts_of_a_pixel(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 768, dtype=np.uint8)[None, :, None].repeat(512, 0).repeat(3, 2)
    write_picture(tmp_path / "a.png", np.ascontiguousarray(ramp))
    frames, _ = read_source(find_sources(tmp_path)[0], num_frames=4, fps=25)
    assert [frame.shape for frame in frames] == [(340, 512, 3)] * 4
    means = np.array([frame.mean() for frame in frames])
    # 5 source columns a frame on a ramp of 255 over 768.
    np.testing.assert_allclose(np.diff(means), 5 * 255 / 768, atol=0.15)


def test_video_keeps_its_full_size(tmp_path: Path) -> None:
    encode([grey(90, height=720, width=1280)] * 2, tmp_path / "a.mp4", codec="x264", fps=25, crf=10)
    frames, _ = read_source(find_sources(tmp_path)[0], num_frames=2, fps=25, full_size=True)
    assert [frame.shape for frame in frames] == [(720, 1280, 3)] * 2


@pytest.mark.parametrize(
    ("stored", "given", "step"),
    [
        # Nine tenths of 2560 x 1440, at four fifths of its size; steps of 5 columns.
        ((1920, 2560), (1036, 1842), 5),
        # Nine tenths of 3840 x 2160, shrunk to what fits; steps of 5 * 0.8 / (1920 / 3456).
        ((2160, 4000), (1080, 1920), 7),
    ],
)
def test_full_size_pan_shows_most_of_a_picture(
    stored: tuple[int, int], given: tuple[int, int], step: int, tmp_path: Path
) -> None:
    ramp = np.linspace(0, 255, stored[1], dtype=np.uint8)[None, :, None].repeat(stored[0], 0)
    write_picture(tmp_path / "a.png", np.ascontiguousarray(ramp.repeat(3, 2)))
    frames, _ = read_source(find_sources(tmp_path)[0], num_frames=3, fps=25, full_size=True)
    assert [frame.shape for frame in frames] == [(*given, 3)] * 3
    means = np.array([frame.mean() for frame in frames])
    np.testing.assert_allclose(np.diff(means), step * 255 / stored[1], atol=0.05)


def test_folder_problems_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected a folder of sources"):
        find_sources(tmp_path / "nowhere")
    with pytest.raises(DataError, match="expected videos, pictures or folders"):
        find_sources(tmp_path)
    write_picture(tmp_path / "a.png", grey(1))
    write_picture(tmp_path / "a" / "0.png", grey(1))
    with pytest.raises(DataError, match=r"one content of each name .*\['a'\]"):
        find_sources(tmp_path)


@pytest.mark.parametrize("name", ["a.mp4", "a.png"])
def test_broken_source_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"not media" * 100)
    with pytest.raises(DataError, match=f"can read in .*{name}"):
        read_source(find_sources(tmp_path)[0], num_frames=2, fps=25)
