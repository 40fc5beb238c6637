"""A manifest gives back what was written and names the line that is broken."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from beholder.errors import DataError
from beholder.ladders.manifest import MANIFEST_NAME, Rung, append_rungs, read_manifest


def rung(content_id: str, crf: int) -> Rung:
    return Rung(
        content_id=content_id,
        codec="x264",
        crf=crf,
        bitrate_kbps=812.544,
        path=f"{content_id}/x264_crf{crf}.mp4",
        vmaf_mean=91.25,
        vmaf_frames=(90.0, 92.5),
        width_px=640,
        height_px=360,
        fps=24.0,
        num_frames=2,
        size_bytes=8464,
    )


def test_rungs_come_back_sorted_by_content_over_several_writes(tmp_path: Path) -> None:
    append_rungs(tmp_path, [rung("c", 20)])
    append_rungs(tmp_path, [rung("a, b", 20), rung("a, b", 30)])
    assert read_manifest(tmp_path) == [rung("a, b", 20), rung("a, b", 30), rung("c", 20)]
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST_NAME]


def test_missing_manifest_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"found none; make it with: beholder ladder make"):
        read_manifest(tmp_path)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_NAME).write_text("name,mos\na,1\n")
    with pytest.raises(DataError, match=r"found \['name', 'mos'\]"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"), [("812.544", "much"), ("90.000;", ";"), (",2,8464\n", ",2\n")]
)
def test_broken_line_is_named(old: str, new: str, tmp_path: Path) -> None:
    append_rungs(tmp_path, [rung("a", 20), rung("a", 30)])
    path = tmp_path / MANIFEST_NAME
    head, tail = path.read_text().rsplit("a,x264,30", 1)
    path.write_text(head + "a,x264,30" + tail.replace(old, new))
    with pytest.raises(DataError, match="expected numbers in line 3"):
        read_manifest(tmp_path)


def test_first_version_is_read_and_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / MANIFEST_NAME
    append_rungs(tmp_path, [rung("a", 20)])
    path.write_text(path.read_text().replace(",size_bytes", "").replace(",8464", ""))
    assert read_manifest(tmp_path) == [rung("a", 20)]
    append_rungs(tmp_path, [rung("b", 20)])
    assert path.read_text().splitlines()[0].endswith(",num_frames,size_bytes")
    assert read_manifest(tmp_path) == [rung("a", 20), rung("b", 20)]


def test_rungs_without_vmaf_come_back_unless_it_is_needed(tmp_path: Path) -> None:
    bare = dataclasses.replace(rung("a", 20), vmaf_mean=None, vmaf_frames=())
    append_rungs(tmp_path, [bare])
    assert read_manifest(tmp_path) == [bare]
    with pytest.raises(DataError, match=r"found none for 1, first 'a/x264_crf20\.mp4'; install"):
        read_manifest(tmp_path, need_vmaf=True)
