"""The reader of BIQ2021 on a small tree in the real layout, and on the real label file."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from beholder.datasets import biq2021
from beholder.errors import DataError

TRAIN = "Train (Images and MOS).csv"
TEST = "Test (Images and MOS).csv"
SHARED_LABELS = Path(__file__).parents[4] / "shared" / "labels" / "BIQ2021.txt"


@pytest.fixture
def root(tmp_path):
    """Three training images and one test image; names on disk differ as they do in the original."""
    images = tmp_path / "Images"
    images.mkdir()
    for name in ("ss01 (1).jpg", "ss02 (1014).JPG", "ss03(7).jpg", "ss03 (8).jpg"):
        (images / name).touch()
    (tmp_path / TRAIN).write_text(
        "Image Name,MOS,,\nss03 (7).jpg,0.8471,,\nss01 (1).jpg,0.2874,,\nss02 (1014).jpg,0.5,,\n"
    )
    (tmp_path / TEST).write_text("\ufeffImage Name,MOS\nss03 (8).jpg,1.0\n\n", encoding="utf-8")
    return tmp_path


def test_rows_come_in_the_order_of_the_tables(root):
    rows = biq2021.read(root)
    assert [row.path.name for row in rows] == [
        "ss03(7).jpg",
        "ss01 (1).jpg",
        "ss02 (1014).JPG",
        "ss03 (8).jpg",
    ]
    assert [row.mos for row in rows] == [0.8471, 0.2874, 0.5, 1.0]
    assert [row.split for row in rows] == ["train", "train", "train", "test"]
    assert [row.subset for row in rows] == ["ss03", "ss01", "ss02", "ss03"]
    assert all(row.path.is_file() and row.content_id == row.path.name for row in rows)


def test_missing_parts_are_named(root, tmp_path):
    with pytest.raises(DataError, match="found no such folder; give the folder that holds"):
        biq2021.read(tmp_path / "elsewhere")
    (root / "Images" / "ss01 (1).jpg").unlink()
    (root / "Images" / "ss03 (8).jpg").unlink()
    with pytest.raises(
        DataError, match=r"found 2, none for 'Images/ss01 \(1\).jpg', 'Imag.*; copy"
    ):
        biq2021.read(root)
    (root / TEST).unlink()
    with pytest.raises(DataError, match="expected a readable CSV file at .*Test"):
        biq2021.read(root)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("Image Name,Score\nss03 (8).jpg,1\n", "found Image Name, Score; add MOS"),
        ("Image Name,MOS\n", "at least one line under the header"),
        ("", "found none; add Image Name, MOS"),
        ("Image Name,MOS\nss03 (8).jpg\n", "expected 2 columns or more"),
        ("Image Name,MOS\nss03 (8).jpg,good\n", r"'ss03 \(8\).jpg' .*found 'good'"),
        ("Image Name,MOS\nss03 (8).jpg,4.1\n", r"in 0..1 for 'ss03 \(8\).jpg', found 4.1"),
        ("Image Name,MOS\nss03 (8).jpg,nan\n", "found nan"),
        ("Image Name,MOS\nss03 (7).jpg,0.1\n", r"more than one line for 'ss03\(7\).jpg'"),
    ],
)
def test_broken_tables_are_refused(root, table, message):
    (root / TEST).write_text(table)
    with pytest.raises(DataError, match=message):
        biq2021.read(root)


def test_another_data_set_is_not_taken_for_it(root):
    (root / "Images" / "photo.jpg").touch()
    (root / TEST).write_text("Image Name,MOS\nphoto.jpg,0.5\n")
    with pytest.raises(DataError, match="found 'photo.jpg'; is this BIQ2021"):
        biq2021.read(root)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED_LABELS.is_file(), reason="../shared/labels is not on this machine")
def test_the_real_labels_have_the_published_counts(tmp_path):
    with SHARED_LABELS.open(newline="") as file:
        labels = [(Path(x["dis_img_path"]).name, x["score"]) for x in csv.DictReader(file)]
    (tmp_path / "Images").mkdir()
    lines = [f"{name},{mos}" for name, mos in labels]
    (tmp_path / TEST).write_text("\n".join(["Image Name,MOS", *lines[:2000]]))
    (tmp_path / TRAIN).write_text("\n".join(["Image Name,MOS", *lines[2000:]]))
    rows = biq2021.read_labels(tmp_path)
    assert Counter(row.split for row in rows) == {"train": 10_000, "test": 2000}
    assert Counter(row.subset for row in rows) == {"ss01": 2000, "ss02": 2000, "ss03": 8000}
