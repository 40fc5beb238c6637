"""What `probe` says of files whose making is known."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from beholder.errors import NotMedia
from beholder.media import IMAGE_SUFFIXES, VIDEO_SUFFIXES, decode, probe, timing
from beholder.media.container import choose_stream
from beholder.records import ColorInfo, FramePlan, MediaInfo
from tests.media_factory import IMAGE_CODECS, make_image, make_video, read_frame_number


def test_everything_about_a_plain_clip(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", width=320, height=240, fps=25, num_frames=50)
    assert probe(path) == MediaInfo(
        path=str(path),
        kind="video",
        width_px=320,
        height_px=240,
        rotation_degrees=0,
        mirrored=False,
        fps=25.0,
        duration_seconds=2.0,
        num_frames=50,
        codec="h264",
        pixel_format="yuv420p",
        bits_per_channel=8,
        color=ColorInfo(full_range=False, matrix="bt601", primaries="bt709", transfer="sdr"),
        interlaced=False,
        has_alpha=False,
        notes=(),
    )


@pytest.mark.parametrize("suffix", IMAGE_CODECS)
def test_stills_are_images(tmp_path: Path, suffix: str) -> None:
    info = probe(make_image(tmp_path / f"a.{suffix}", (120, 80)))
    assert (info.kind, info.width_px, info.height_px) == ("image", 120, 80)
    assert (info.num_frames, info.fps, info.duration_seconds) == (1, None, None)
    (frame,) = decode(info, FramePlan(times_us=(0,)))
    assert frame.time_seconds == 0.0
    assert read_frame_number(frame.pixels) == 0
    assert f".{suffix}" in IMAGE_SUFFIXES | VIDEO_SUFFIXES


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("a.gif", "gif", "rgb8"),
        ("a.apng", "apng", "rgb24"),
        ("a.avif", "libsvtav1", "yuv420p"),
        ("a.avi", "mjpeg", "yuvj420p"),
        ("a.mov", "png", "rgb24"),
    ],
)
def test_moving_pictures_are_video(
    tmp_path: Path, name: str, codec: str, pixel_format: str
) -> None:
    info = probe(make_video(tmp_path / name, codec=codec, pixel_format=pixel_format, num_frames=6))
    assert (info.kind, info.num_frames) == ("video", 6)
    assert info.duration_seconds == pytest.approx(0.2, abs=0.02)


def test_an_animation_of_one_frame_is_an_image_and_a_video_of_one_frame_is_a_video(
    tmp_path: Path,
) -> None:
    assert probe(make_image(tmp_path / "a.gif")).kind == "image"
    assert probe(make_video(tmp_path / "a.mp4", num_frames=1)).kind == "video"


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    picture = make_image(tmp_path / "a.png")
    clip = make_video(tmp_path / "a.mp4")
    assert probe(picture.rename(tmp_path / "b.mp4")).kind == "image"
    assert probe(clip.rename(tmp_path / "b.jpg")).kind == "video"


def test_variable_frame_rate_gives_the_mean(tmp_path: Path) -> None:
    times_us = [0, 100_000, 200_000, 1_000_000]
    for suffix in ("mp4", "mkv"):
        info = probe(make_video(tmp_path / f"a.{suffix}", times_us=times_us, num_frames=4))
        assert info.num_frames == 4
        assert info.fps == pytest.approx(4 / info.duration_seconds)
        assert 1.0 <= info.duration_seconds < 1.2


def test_sound_that_lasts_longer_does_not_count(tmp_path: Path) -> None:
    for suffix in ("mp4", "mkv", "ts"):
        path = make_video(tmp_path / f"a.{suffix}", num_frames=15, with_audio=True)
        assert probe(path).duration_seconds == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("suffix", ["mkv", "ts", "mpg", "flv"])
def test_large_files_are_estimated_from_the_header(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = "mpeg2video" if suffix == "mpg" else "libx264"
    path = make_video(
        tmp_path / f"a.{suffix}", codec=codec, num_frames=90, with_audio=suffix == "mkv"
    )
    monkeypatch.setattr(timing, "COUNTED_BYTES", 0)
    monkeypatch.setattr(timing.PacketCounter, "add", None)
    info = probe(path)
    assert info.num_frames == pytest.approx(90, rel=0.2)
    assert info.duration_seconds == pytest.approx(3, rel=0.2)


def test_a_header_with_frames_and_no_counting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_video(tmp_path / "a.mp4", fps=Fraction(24000, 1001), num_frames=48)
    monkeypatch.setattr(timing, "COUNTED_BYTES", 0)
    monkeypatch.setattr(timing.PacketCounter, "add", None)
    info = probe(path)
    assert info.num_frames == 48
    assert info.fps == pytest.approx(23.976, abs=1e-3)


@pytest.mark.parametrize(
    ("name", "codec", "flags"),
    [("a.ts", "libx264", "+ilme+ildct"), ("a.mpg", "mpeg2video", "+ilme+ildct")],
)
def test_interlaced_video_is_flagged(tmp_path: Path, name: str, codec: str, flags: str) -> None:
    info = probe(make_video(tmp_path / name, codec=codec, options={"flags": flags}))
    assert info.interlaced
    assert any(note.startswith("interlaced: ") for note in info.notes)


@pytest.mark.parametrize(
    ("pixel_format", "bits"), [("yuv420p", 8), ("yuv420p10le", 10), ("yuv422p12le", 12)]
)
def test_bit_depth(tmp_path: Path, pixel_format: str, bits: int) -> None:
    info = probe(make_video(tmp_path / "a.mkv", codec="ffv1", pixel_format=pixel_format))
    assert (info.pixel_format, info.bits_per_channel) == (pixel_format, bits)


def test_two_pictures_in_a_container_and_the_better_one(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=10) for _ in range(2)]
        for stream, width in zip(streams, (64, 128), strict=True):
            stream.width, stream.height, stream.pix_fmt = width, 64, "yuv420p"
        for number in range(3):
            for stream in streams:
                frame = av.VideoFrame.from_ndarray(
                    np.full((96, stream.width), 128, np.uint8), "yuv420p"
                )
                frame.pts = number
                container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))
    assert probe(path).width_px == 128


def test_suffixes_are_lower_case_and_apart() -> None:
    assert not IMAGE_SUFFIXES & VIDEO_SUFFIXES
    assert all(s == s.lower() and s.startswith(".") for s in IMAGE_SUFFIXES | VIDEO_SUFFIXES)


def test_tiles_of_a_heif_picture_are_refused() -> None:
    # No encoder of FFmpeg writes tiles; this is how its demuxer presents them.
    tile = SimpleNamespace(type="video", disposition=0, codec_context=object())
    streams = SimpleNamespace(video=[tile, tile])
    container = SimpleNamespace(streams=streams, metadata={"major_brand": "heic"})
    with pytest.raises(NotMedia, match="found a HEIF file of tiles"):
        choose_stream(container)


def test_a_photograph_with_an_appended_picture_is_an_image(tmp_path: Path) -> None:
    path = make_image(tmp_path / "a.jpg", (128, 96))
    path.write_bytes(path.read_bytes() + make_image(tmp_path / "gain.jpg", (64, 48)).read_bytes())
    info = probe(path)
    assert (info.kind, info.width_px, info.num_frames) == ("image", 128, 1)
    (frame,) = decode(info, FramePlan(times_us=(0,)))
    assert (frame.pixels.shape, frame.time_seconds) == ((96, 128, 3), 0.0)


def test_a_stream_of_jpegs_is_a_video(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mjpeg", codec="mjpeg", pixel_format="yuvj420p")
    assert (probe(path).kind, probe(path).num_frames) == ("video", 10)
