"""Any data set as a CSV file."""

import pytest

from beholder.datasets import csv_manifest
from beholder.errors import DataError


@pytest.fixture
def folder(tmp_path):
    for name in ("a.mp4", "b, c.mp4", "d\ne.mp4"):
        (tmp_path / name).touch()
    return tmp_path


def _write(folder, text):
    path = folder / "manifest.csv"
    path.write_text(text, newline="")
    return path


def test_opinions_come_to_0_to_1(folder):
    manifest = _write(folder, 'mos,path\r\n1,a.mp4\r\n4,"b, c.mp4"\r\n5,"d\ne.mp4"\r\n')
    rows = csv_manifest.read(manifest, mos_range=(1, 5))
    assert [(row.path.name, row.mos) for row in rows] == [
        ("a.mp4", 0.0),
        ("b, c.mp4", 0.75),
        ("d\ne.mp4", 1.0),
    ]
    assert [row.content_id for row in rows] == ["a.mp4", "b, c.mp4", "d\ne.mp4"]


def test_a_falling_scale_is_turned_round(folder):
    manifest = _write(folder, "path,mos,content_id\na.mp4,80,boat\n")
    (row,) = csv_manifest.read(manifest, mos_range=(100, 0))
    assert row.mos == pytest.approx(0.2)
    assert row.content_id == "boat"


def test_paths_start_from_the_root(folder, tmp_path_factory):
    manifest = _write(tmp_path_factory.mktemp("elsewhere"), "path,mos\na.mp4,0.5\n")
    with pytest.raises(DataError, match="found 0, none for .a.mp4.; correct the paths"):
        csv_manifest.read(manifest)
    assert csv_manifest.read(manifest, root=folder)[0].path == folder / "a.mp4"


@pytest.mark.parametrize(
    ("text", "mos_range", "message"),
    [
        ("file,mos\na.mp4,1\n", (0, 1), "expected the columns path, mos .*found file, mos"),
        ("path,mos\na.mp4,5.5\n", (1, 5), "in 0..1 for 'a.mp4', found 1.125; give the data set's"),
        ("path,mos\na.mp4,1\na.mp4,0\n", (0, 1), "more than one line for 'a.mp4'"),
        ("path,mos\na.mp4\n", (0, 1), r"expected 2 columns .*found \['a.mp4'\]"),
        ("path,mos\na.mp4,1\n", (3, 3), "two different ends"),
    ],
)
def test_broken_manifests_are_refused(folder, text, mos_range, message):
    with pytest.raises(DataError, match=message):
        csv_manifest.read(_write(folder, text), mos_range=mos_range)


def test_a_manifest_that_is_no_text_is_refused(folder):
    path = folder / "manifest.csv"
    path.write_bytes(b"\xff\xfe\x00path")
    with pytest.raises(DataError, match="expected a readable CSV file"):
        csv_manifest.read(path)
