"""Each encoder writes what was asked for, twice the same, and says why when it cannot."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from beholder.errors import EncodeError, UnknownName, UsageError
from beholder.ladders.encode import CODECS, encode
from benchmarks.clips import fractal_texture

FPS = 25.0


def moving_frames(*, height: int = 96, width: int = 128, count: int = 6) -> list[np.ndarray]:
    """A blurred random picture that slides to the left, with grain: easy to see, hard to encode."""
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 256, (height // 8 + 1, (width + 4 * count) // 8 + 1, 3))
    picture = coarse.repeat(8, axis=0).repeat(8, axis=1) * 0.8 + rng.integers(
        0, 50, (8 * coarse.shape[0], 8 * coarse.shape[1], 3)
    )
    picture = picture.astype(np.uint8)
    return [picture[:height, 4 * i : 4 * i + width] for i in range(count)]


def decode(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def error_of(path: Path, frames: list[np.ndarray]) -> float:
    pairs = zip(decode(path), frames, strict=True)
    return float(np.mean([np.square(a - b.astype(np.float64)).mean() for a, b in pairs]))


@pytest.mark.parametrize("name", CODECS)
def test_higher_crf_is_smaller_and_worse(name: str, tmp_path: Path) -> None:
    frames, codec = moving_frames(), CODECS[name]
    fine, coarse = tmp_path / f"fine{codec.suffix}", tmp_path / f"coarse{codec.suffix}"
    fine_bytes = encode(frames, fine, codec=name, fps=FPS, crf=12)
    coarse_bytes = encode(frames, coarse, codec=name, fps=FPS, crf=48)
    assert fine_bytes == fine.stat().st_size > 1.5 * coarse_bytes
    assert error_of(fine, frames) < error_of(coarse, frames)


@pytest.mark.parametrize("name", CODECS)
def test_same_input_gives_same_bytes(name: str, tmp_path: Path) -> None:
    first, second = (tmp_path / f"{n}{CODECS[name].suffix}" for n in ("a", "b"))
    for path in (first, second):
        encode(moving_frames(), path, codec=name, fps=FPS, kbps=200)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_x265_encodes_the_shortest_clips(count: int, tmp_path: Path) -> None:
    # With two frames three calls of five used to fail, with one very few, by what was in memory.
    frames, path = moving_frames(count=count), tmp_path / "a.mp4"
    sizes = set()
    for _ in range(8):
        sizes.add(encode(frames, path, codec="x265", fps=FPS, crf=18))
        assert len(decode(path)) == count
    assert len(sizes) == 1


def test_x264_does_not_depend_on_what_was_in_memory(tmp_path: Path) -> None:
    # Seen with AVX-512, a width that 16 does not divide, and grainy pictures with detail.
    height, width, rng = 480, 854, np.random.default_rng(0)
    texture = fractal_texture(rng, height=height + 24, width=width + 48)
    moved = (texture[i : i + height, 2 * i : 2 * i + width] for i in range(24))
    grainy = [np.clip(m + rng.normal(0, 4, m.shape), 0, 255).astype(np.uint8) for m in moved]
    frames = [np.dstack([luma] * 3) for luma in grainy]
    files, stirred = set(), []
    for number in range(3):
        stirred.append(rng.integers(0, 256, (1000 * number + 5, 777), np.uint8))
        if number % 2:
            stirred.pop(0)
        encode(frames, tmp_path / "a.mp4", codec="x264", fps=FPS, crf=28)
        files.add((tmp_path / "a.mp4").read_bytes())
    assert len(files) == 1


@pytest.mark.parametrize("name", CODECS)
def test_more_kbps_is_larger(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"clip{CODECS[name].suffix}"
    frames = moving_frames(count=25)
    low = encode(frames, path, codec=name, fps=FPS, kbps=60)
    high = encode(frames, path, codec=name, fps=FPS, kbps=600)
    assert high > 1.5 * low


@pytest.mark.parametrize("name", CODECS)
def test_colours_survive_and_are_tagged_bt709_limited(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"red{CODECS[name].suffix}"
    red = np.zeros((96, 128, 3), np.uint8)
    red[..., 0] = 255
    encode([red] * 3, path, codec=name, fps=FPS, crf=10)
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))
        luma = picture.to_ndarray(format="yuv420p")[0, 0]
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == (1, 1)
    # BT.709 limited range: 16 + 219 * 0.2126; BT.601 would give 81.
    assert abs(int(luma) - 63) <= 2


def test_odd_sizes_lose_their_last_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    encode(moving_frames(height=97, width=131), path, codec="x264", fps=FPS, crf=30)
    assert [frame.shape for frame in decode(path)] == [(96, 130, 3)] * 6


def test_rate_and_times_are_exact_for_ntsc(tmp_path: Path) -> None:
    path = tmp_path / "ntsc.mp4"
    encode(moving_frames(), path, codec="x264", fps=30000 / 1001, crf=30)
    with av.open(str(path)) as container:
        assert str(container.streams.video[0].average_rate) == "30000/1001"


@pytest.mark.parametrize("name", CODECS)
def test_encoders_are_silent(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    encode(moving_frames(), tmp_path / f"a{CODECS[name].suffix}", codec=name, fps=FPS, crf=30)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "exactly one of kbps and crf"),
        ({"kbps": 100.0, "crf": 30}, "exactly one of kbps and crf"),
        ({"kbps": 0.0}, "kbps above 0"),
        ({"crf": 52}, "crf of 0 to 51 for x264, found 52"),
        ({"crf": 30, "fps": 0.0}, "fps above 0"),
    ],
)
def test_wrong_settings_are_told(settings: dict[str, float], text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=text):
        encode(moving_frames(), tmp_path / "a.mp4", codec="x264", **{"fps": FPS, **settings})


def test_unknown_codec_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="x264, x265, vp9, av1, found 'h264'"):
        encode(moving_frames(), tmp_path / "a.mp4", codec="h264", fps=FPS, crf=30)


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ([], "at least one frame"),
        ([np.zeros((64, 64, 3), np.float32)], "found float32"),
        ([np.zeros((64, 64), np.uint8)], r"found uint8 \[64, 64\]"),
        ([np.zeros((64, 64, 3), np.uint8), np.zeros((32, 64, 3), np.uint8)], "at frame 1"),
    ],
)
def test_frames_that_do_not_fit_leave_no_file(
    frames: list[np.ndarray], text: str, tmp_path: Path
) -> None:
    with pytest.raises(EncodeError, match=text):
        encode(frames, tmp_path / "a.mp4", codec="x264", fps=FPS, crf=30)
    assert list(tmp_path.iterdir()) == []


def test_word_of_ffmpeg_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(EncodeError, match=r"libx264 .* failed: .*No such file"):
        encode(moving_frames(), tmp_path / "nowhere" / "a.mp4", codec="x264", fps=FPS, crf=30)
