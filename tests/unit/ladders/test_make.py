"""From sources to ladder, manifest and packs: rates fall, VMAF falls, and work is not repeated."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from beholder.errors import DataError, EncodeError, NotFound
from beholder.ladders import make
from beholder.ladders.encode import CODECS
from beholder.ladders.make import choose_crfs, make_ladder
from beholder.ladders.manifest import SOURCE
from beholder.ladders.pack import read_packs, write_pack


def textured_frames(count: int = 4) -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    picture = rng.integers(0, 256, (34, 52, 3), dtype=np.uint8).repeat(4, 0).repeat(4, 1)
    return [picture[:129, 4 * i : 4 * i + 192] for i in range(count)]


def test_crfs_rise_stay_in_range_and_depend_on_the_content() -> None:
    first, second = (choose_crfs(name, num_rungs=6, seed=0) for name in ("a", "b"))
    assert first == choose_crfs("a", num_rungs=6, seed=0) != second
    assert list(first) == list(CODECS)
    for name, crfs in first.items():
        assert CODECS[name].crf_min <= crfs[0]
        assert crfs[-1] <= CODECS[name].crf_max
        assert all(low < high for low, high in pairwise(crfs))


def test_ladder_falls_and_is_written_down(tmp_path: Path) -> None:
    rungs = make_ladder(
        textured_frames(), tmp_path, content_id="a", fps=25, crfs={"x264": [20, 44], "vp9": [60]}
    )
    assert [(r.codec, r.crf) for r in rungs] == [
        (SOURCE, 0), ("x264", 20), ("x264", 44), ("vp9", 60)
    ]  # fmt: skip
    source, fine, coarse, _ = rungs
    assert source.vmaf_frames == (100.0,) * 4
    assert fine.bitrate_kbps > coarse.bitrate_kbps
    assert fine.vmaf_mean > coarse.vmaf_mean
    assert fine.vmaf_mean == pytest.approx(np.mean(fine.vmaf_frames), abs=1e-3)
    assert (fine.width_px, fine.height_px, fine.num_frames) == (192, 128, 4)
    assert fine.size_bytes == (tmp_path / fine.path).stat().st_size
    assert fine.bitrate_kbps == pytest.approx(fine.size_bytes * 8 / 1000 / (4 / 25), abs=1e-3)


def test_lost_frames_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make, "vmaf_frames", lambda *_: np.zeros(3))
    with pytest.raises(EncodeError, match="expected 4 frames in .* found 3"):
        make_ladder(textured_frames(), tmp_path, content_id="a", fps=25, crfs={"x264": [30]})


def test_pack_holds_the_frames_of_all_rungs(tmp_path: Path) -> None:
    frames = textured_frames()
    rungs = make_ladder(frames, tmp_path / "l", content_id="a", fps=25, crfs={"x264": [10, 44]})
    write_pack(rungs, tmp_path / "l", tmp_path / "p")
    (pack,) = read_packs(tmp_path / "p")
    assert (pack.content_id, pack.codecs, pack.crfs) == (
        "a",
        ("source", "x264", "x264"),
        (0, 10, 44),
    )
    assert pack.frames.shape == (3, 2, 128, 192, 3)
    assert pack.frames.dtype == np.uint8
    np.testing.assert_array_equal(pack.vmaf, [[r.vmaf_frames[i] for i in (1, 3)] for r in rungs])
    truth = np.stack([frames[1][:128], frames[3][:128]]).astype(float)
    # Random colours in 4 x 4 blocks lose only rounding and a little chroma at block borders.
    errors = np.abs(pack.frames - truth).mean(axis=(1, 2, 3, 4))
    assert errors[0] < errors[1] < errors[2]


def test_pack_problems_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="found none; make them with"):
        read_packs(tmp_path)
    rungs = make_ladder(textured_frames(), tmp_path / "l", content_id="a", fps=25, crfs={})
    (tmp_path / "l" / rungs[0].path).unlink()
    with pytest.raises(NotFound, match="found nothing at this path"):
        write_pack(rungs, tmp_path / "l", tmp_path / "p")
    (tmp_path / "p" / "a.json").write_text('{"content_id": "a"}')
    with pytest.raises(DataError, match=r"packed ladder in .*a\.json"):
        read_packs(tmp_path / "p")


def test_without_vmaf_its_columns_are_empty(tmp_path: Path) -> None:
    rungs = make_ladder(
        textured_frames(), tmp_path, content_id="a", fps=25, crfs={"x264": [30]}, with_vmaf=False
    )
    assert [(r.vmaf_mean, r.vmaf_frames) for r in rungs] == [(None, ())] * 2
    with pytest.raises(DataError, match="expected VMAF of all rungs of 'a'"):
        write_pack(rungs, tmp_path, tmp_path / "p")
