"""VMAF is high for an unchanged clip, falls with quality, and refuses what it cannot compare."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from beholder.errors import EncodeError, MissingExtra
from beholder.ladders.encode import encode, write_lossless
from beholder.ladders.vmaf import vmaf_frames


def textured_frames(*, height: int = 128, width: int = 192, count: int = 4) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (height // 4, width // 4 + count, 3), dtype=np.uint8)
    picture = picture.repeat(4, axis=0).repeat(4, axis=1)
    return [picture[:, 4 * i : 4 * i + width] for i in range(count)]


def test_unchanged_clip_is_near_the_top_and_coarser_ones_fall(tmp_path: Path) -> None:
    frames = textured_frames()
    source = tmp_path / "a name: with 'signs'.mkv"
    write_lossless(frames, source, fps=25)
    means = [vmaf_frames(source, source).mean()]
    for crf in (28, 44):
        clip = tmp_path / f"-{crf}.mp4"
        encode(frames, clip, codec="x264", fps=25, crf=crf)
        vmaf = vmaf_frames(source, clip)
        assert vmaf.shape == (len(frames),)
        means.append(vmaf.mean())
    assert means[0] > 95
    assert means[0] > means[1] > means[2]


def test_other_size_is_refused(tmp_path: Path) -> None:
    small, large = tmp_path / "small.mkv", tmp_path / "large.mkv"
    write_lossless(textured_frames(height=64), small, fps=25)
    write_lossless(textured_frames(), large, fps=25)
    with pytest.raises(EncodeError, match="videos of the same size"):
        vmaf_frames(large, small)


def test_missing_wheel_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(MissingExtra, match=r"pip install 'beholder\[vmaf\]'"):
        vmaf_frames(tmp_path / "a.mkv", tmp_path / "b.mkv")


def test_smaller_clips_are_stretched(tmp_path: Path) -> None:
    small, large = tmp_path / "small.mkv", tmp_path / "large.mkv"
    frames = textured_frames()
    write_lossless(frames, large, fps=25)
    write_lossless([frame[::4, ::4] for frame in frames], small, fps=25)
    vmaf = vmaf_frames(large, small, stretch_px=(192, 128))
    assert vmaf.shape == (4,)
    assert vmaf.mean() < vmaf_frames(large, large).mean() - 5
