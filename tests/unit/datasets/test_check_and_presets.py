"""What is missing in a copy of a data set, and splits that are drawn once and for all."""

from pathlib import Path

import pytest

from beholder.datasets.check import check
from beholder.datasets.presets import PRESETS, apply_preset
from beholder.datasets.registry import DATASETS, read_labels
from beholder.datasets.rows import Row
from beholder.errors import DataError, UnknownName
from tests.dataset_trees import TREES, write


def test_a_whole_copy_is_whole(tmp_path):
    TREES["biq2021"](tmp_path)
    report = check("biq2021", tmp_path)
    assert report.is_whole
    assert (report.num_published, report.num_labelled, report.num_found) == (12_000, 2, 2)
    assert report.splits == {"train": 1, "test": 1}
    assert report.subsets == {"ss01": 1, "ss03": 1}
    # 0.2874 and 1.0: the best opinion is in the last step.
    assert report.histogram == (0, 0, 1, 0, 0, 0, 0, 0, 0, 1)


def test_gaps_and_repetitions_are_listed(tmp_path):
    write(tmp_path, "manifest.csv", "path,mos\na.mp4,0\nb.mp4,0.5\na.mp4,0.25\n")
    (tmp_path / "a.mp4").touch()
    report = check("csv", tmp_path)
    assert not report.is_whole
    assert report.missing == ("b.mp4",)
    assert report.repeated == ("a.mp4",)
    assert (report.num_found, report.num_contents, report.num_with_spread) == (2, 2, 0)


def _rows(contents):
    return [Row(path=Path(f"{i}.mp4"), mos=0.5, content_id=c) for i, c in enumerate(contents)]


def test_named_contents_are_the_test():
    rows = apply_preset(_rows("12345"), "waterloo_ivc_4k_internvqa")
    assert [row.split for row in rows] == ["test"] * 4 + ["train"]
    six = ["BallUnderWater", "Bookcase", "BricksLeaves", "Music", "PlasmaSlowRandom"]
    rows = apply_preset(_rows([*six, "treegrassfamily", "Boxing"]), "bvi_hd_internvqa")
    assert [row.split for row in rows] == ["test"] * 6 + ["train"]
    with pytest.raises(DataError, match="found none called 4; are these all rows of waterloo"):
        apply_preset(_rows("123"), "waterloo_ivc_4k_internvqa")


def test_official_parts_must_be_told(tmp_path):
    TREES["lsvq"](tmp_path)
    rows = read_labels("lsvq", tmp_path)
    assert apply_preset(rows, "lsvq_official") == rows
    with pytest.raises(DataError, match="some that tell no part; .*show koniq10k"):
        apply_preset(_rows("12"), "koniq10k_official")
    with pytest.raises(DataError, match="every row of lsvq to be in train, test, test_1080p"):
        apply_preset([], "lsvq_official")


def test_presets_have_names_and_sets():
    assert {preset.dataset for preset in PRESETS.values()} <= set(DATASETS)
    with pytest.raises(UnknownName, match="no fixed split 'lsvq'; did you mean lsvq_official"):
        apply_preset([], "lsvq")
