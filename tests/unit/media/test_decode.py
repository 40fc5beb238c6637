"""The planned frame and no other, whatever the codec, the container and the plan."""

from __future__ import annotations

import itertools
import math
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from beholder.errors import Damaged
from beholder.media import decode, probe, seek
from beholder.media.reader import choose_packets
from beholder.records import FramePlan
from tests.media_factory import make_image, make_video, numbered_picture, read_frame_number

NUM_FRAMES = 110
VARIABLE_TIMES_US = tuple(itertools.accumulate([10_000, 33_000, 50_000, 400_000] * 38, initial=0))[
    :NUM_FRAMES
]
X265 = {"x265-params": "log-level=none:keyint=30"}
FILES = {
    "gop250.mp4": {"codec": "libx264", "options": {"g": "250"}},
    "gop30.mp4": {"codec": "libx264", "options": {"g": "30"}},
    "open_gop.mkv": {"codec": "libx264", "options": {"g": "30", "x264-params": "open-gop=1"}},
    "many_b.mkv": {"codec": "libx264", "options": {"g": "60", "bf": "16", "b_strategy": "0"}},
    "refresh.mp4": {"codec": "libx264", "options": {"g": "30", "x264-params": "intra-refresh=1"}},
    "fragments.mp4": {
        "codec": "libx264",
        "options": {"g": "30"},
        "container_options": {"movflags": "frag_keyframe+empty_moov"},
    },
    "sound.mkv": {"codec": "libx264", "options": {"g": "30"}, "with_audio": True},
    "stream.ts": {"codec": "libx264", "options": {"g": "30"}},
    "stream.flv": {"codec": "libx264", "options": {"g": "30"}},
    "raw.h264": {"codec": "libx264", "options": {"g": "30"}},
    "interlaced.ts": {"codec": "libx264", "options": {"g": "30", "flags": "+ilme+ildct"}},
    "hevc.mp4": {"codec": "libx265", "options": X265},
    "vp9.webm": {
        "codec": "libvpx-vp9",
        "options": {"g": "30", "deadline": "realtime", "cpu-used": "8"},
    },
    "av1.mkv": {
        "codec": "libsvtav1",
        "options": {"g": "30", "preset": "12", "svtav1-params": "lp=1"},
    },
    "b_frames.avi": {"codec": "mpeg4", "options": {"g": "30", "bf": "2"}},
    "jpeg.avi": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
    "animated.gif": {"codec": "gif", "pixel_format": "rgb8"},
    "animated.apng": {"codec": "apng", "pixel_format": "rgb24"},
    "variable.mp4": {"codec": "libx264", "options": {"g": "30"}, "times_us": VARIABLE_TIMES_US},
    "variable.mkv": {"codec": "libx264", "options": {"g": "30"}, "times_us": VARIABLE_TIMES_US},
}


def shown_frames(path: Path, fps: float) -> list[tuple[int, int]]:
    """Start in whole microseconds and number of every frame, by a plain full decode."""
    with av.open(str(path)) as container:
        frames = [
            (f.pts, f.time_base, f.to_ndarray(format="rgb24")) for f in container.decode(video=0)
        ]
    first = frames[0][0]
    starts = [
        Fraction(index) / round(fps) if pts is None else (pts - first) * base
        for index, (pts, base, _) in enumerate(frames)
    ]
    return [
        (math.floor(start * 10**6), read_frame_number(pixels))
        for start, (_, _, pixels) in zip(starts, frames, strict=True)
    ]


@pytest.mark.parametrize("name", FILES)
def test_each_planned_time_gets_the_frame_shown_then(tmp_path: Path, name: str) -> None:
    path = make_video(tmp_path / name, num_frames=NUM_FRAMES, **FILES[name])
    info = probe(path)
    frames = shown_frames(path, info.fps)
    assert [number for _, number in frames] == list(range(NUM_FRAMES))
    assert info.num_frames == NUM_FRAMES
    end_us = frames[-1][0]
    rng = np.random.default_rng(0)
    plans = [
        (0,),
        (end_us + 10_000_000,),
        tuple(start for start, _ in frames),
        tuple(start for start, _ in frames[::29]),
        *(tuple(sorted(int(t) for t in rng.integers(0, end_us, count))) for count in (1, 3, 9)),
    ]
    for times_us in plans:
        expected = [max(n for start, n in frames if start <= t) for t in times_us]
        decoded = list(decode(info, FramePlan(times_us=times_us)))
        assert [read_frame_number(frame.pixels) for frame in decoded] == expected, times_us
        starts = [frames[n][0] / 1e6 for n in expected]
        assert [frame.time_seconds for frame in decoded] == pytest.approx(starts, abs=2e-6)


@pytest.mark.parametrize("name", ["gop30.mp4", "sound.mkv"])
def test_where_seeking_fails_it_runs_from_the_start(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_video(tmp_path / name, num_frames=NUM_FRAMES, **FILES[name])
    info = probe(path)

    def fail(*_: object) -> None:
        raise seek.SeekFailed("the index is wrong")

    monkeypatch.setattr(sys.modules[decode.__module__], "packets_before", fail)
    decoded = decode(info, FramePlan(times_us=(0, 2_000_000, 3_500_000)))
    assert [read_frame_number(frame.pixels) for frame in decoded] == [0, 60, 105]


def test_an_empty_plan_gives_no_frames(tmp_path: Path) -> None:
    assert list(decode(probe(make_video(tmp_path / "a.mp4")), FramePlan(times_us=()))) == []


def test_frames_are_streamed(tmp_path: Path) -> None:
    """The first frame is there before the file is read on: the rest may as well be broken."""
    path = make_video(tmp_path / "a.mkv", num_frames=NUM_FRAMES, options={"g": "10"})
    frames = decode(probe(path), FramePlan(times_us=tuple(range(0, 3_600_000, 100_000))))
    assert read_frame_number(next(frames).pixels) == 0
    frames.close()


def test_a_file_that_is_damaged_after_probing(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", num_frames=30)
    info = probe(path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(Damaged, match="found that its end is missing"):
        list(decode(info, FramePlan(times_us=(0,))))


@pytest.mark.parametrize("size", [(34, 18), (130, 74), (1001 * 2, 10)])
def test_odd_and_small_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    path = make_video(tmp_path / "a.mp4", width=size[0], height=size[1], num_frames=3)
    info = probe(path)
    (frame,) = decode(info, FramePlan(times_us=(0,)))
    assert frame.pixels.shape == (size[1], size[0], 3)
    assert (info.width_px, info.height_px) == size


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (101, 33)])
def test_odd_sizes_are_not_cut_to_even(tmp_path: Path, size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    (frame,) = decode(probe(make_image(tmp_path / "a.png", picture)), FramePlan(times_us=(0,)))
    assert (frame.pixels == picture).all()


def test_a_size_that_changes_on_the_way_is_scaled_to_the_first(tmp_path: Path) -> None:
    parts = [
        make_video(tmp_path / f"{width}.h264", width=width, height=width // 2, num_frames=20)
        for width in (128, 256)
    ]
    path = tmp_path / "both.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    info = probe(path)
    frames = list(decode(info, FramePlan(times_us=(0, 1_000_000))))
    assert [frame.pixels.shape for frame in frames] == [(64, 128, 3)] * 2
    assert [read_frame_number(frame.pixels) for frame in frames] == [0, 10]


class FakePacket:
    """The attributes of a packet that decide whether it is needed."""

    def __init__(self, pts: int | None, dts: int | None, *, is_discard: bool = False) -> None:
        self.pts, self.dts, self.is_discard, self.size = pts, dts, is_discard, 1


def chosen(packets: list[FakePacket], targets: tuple[int, ...]) -> list[tuple[int | None, bool]]:
    return [(packet.pts, needed) for packet, needed in choose_packets(iter(packets), targets)]


def test_only_packets_shown_at_a_target_are_needed() -> None:
    # Decoding order I P B B P B B, shown as 0 1 2 3 4 5 6.
    packets = [FakePacket(p, d) for d, p in enumerate((0, 3, 1, 2, 6, 4, 5, 9, 7, 8), start=-1)]
    assert chosen(packets, (2,)) == [(0, False), (3, False), (1, False), (2, True)]
    assert chosen(packets, (3,))[-1] == (2, False)
    assert (3, True) in chosen(packets, (3,))
    everything = chosen(packets, tuple(range(10)))
    assert len(everything) == 10
    assert all(needed for _, needed in everything)


def test_gaps_between_frames_need_the_frame_before_the_gap() -> None:
    packets = [FakePacket(t, t) for t in (0, 10, 500, 510)]
    assert chosen(packets, (499,)) == [(0, False), (10, True)]


def test_packets_without_times_are_always_decoded() -> None:
    assert chosen([FakePacket(None, None)] * 3, (5,)) == [(None, True)] * 3


def test_packets_cut_away_by_an_edit_list_are_not_shown() -> None:
    packets = [
        FakePacket(0, 0, is_discard=True),
        FakePacket(1, 1),
        FakePacket(2, 2, is_discard=True),
    ]
    assert chosen(packets, (2,)) == [(0, False), (1, True), (2, False)]


def test_numbers_survive_the_factory() -> None:
    assert [read_frame_number(numbered_picture(n)) for n in (0, 1, 100, 255)] == [0, 1, 100, 255]
