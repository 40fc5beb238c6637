"""Groups stay together, and every machine draws the same split."""

from pathlib import Path

import numpy as np
import pytest

from beholder.datasets import groups
from beholder.datasets.groups import near_duplicates, read_groups
from beholder.datasets.rows import Row, with_groups
from beholder.datasets.splits import group_holdout
from beholder.errors import DataError


def _shares_no_group(names, mask):
    names = np.array(names)
    return not set(names[mask]) & set(names[~mask])


@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_on_one_side(seed):
    sizes = np.random.default_rng(seed).integers(1, 12, 60)
    names = [f"g{index}" for index, size in enumerate(sizes) for _ in range(size)]
    mask = group_holdout(names, 0.2, seed=seed)
    assert _shares_no_group(names, mask)
    assert mask.mean() == pytest.approx(0.2, abs=0.02)


def test_the_split_is_the_same_on_every_machine():
    mask = group_holdout(range(20), 0.25, seed=0)
    assert np.flatnonzero(mask).tolist() == [4, 7, 9, 15, 18]
    assert group_holdout(range(20), 0.25, seed=1).tolist() != mask.tolist()


def test_the_split_does_not_depend_on_the_order_of_items():
    names = [f"g{index // 3}" for index in range(90)]
    forward = group_holdout(names, 0.3, seed=7)
    assert forward.tolist() == group_holdout(names[::-1], 0.3, seed=7)[::-1].tolist()


def test_splits_that_leave_a_side_empty_are_refused():
    with pytest.raises(DataError, match="found 0 of 40 items held out from 2 groups"):
        group_holdout(["a"] * 20 + ["b"] * 20, 0.1, seed=0)
    with pytest.raises(DataError, match="between 0 and 1, found 10"):
        group_holdout(["a", "b"], 10, seed=0)


def test_likeness_is_passed_along_a_chain():
    angles = np.radians([0, 90, 20, 180, 40, 90])
    features = np.stack([np.cos(angles), np.sin(angles)], axis=1) * [[1], [9], [3], [1], [2], [4]]
    # cos 20 degrees = 0.94; the first and the fifth are 40 degrees apart, but joined by the third.
    assert near_duplicates(features).tolist() == [0, 1, 0, 2, 0, 1]
    assert near_duplicates(features, threshold=1.0).tolist() == [0, 1, 2, 3, 4, 1]


def test_chunks_do_not_change_the_groups(monkeypatch):
    generator = np.random.default_rng(0)
    features = generator.normal(size=(50, 6))[generator.integers(0, 50, 300)]
    features = (features + generator.normal(0, 0.02, features.shape)).astype(np.float16)
    whole = near_duplicates(features, threshold=0.97)
    monkeypatch.setattr(groups, "CHUNK_ITEMS", 7)
    assert np.array_equal(near_duplicates(features, threshold=0.97), whole)
    assert 2 < len(set(whole.tolist())) <= 50


def test_features_that_point_nowhere_are_refused():
    with pytest.raises(DataError, match="found 2 bad items, first 1; compute"):
        near_duplicates([[1, 2], [0, 0], [np.nan, 1]])
    with pytest.raises(DataError, match=r"\[items, features\], found \(3,\)"):
        near_duplicates([1, 2, 3])
    with pytest.raises(DataError, match="at most 1, found 90"):
        near_duplicates([[1, 2]], threshold=90)


def test_groups_are_read_and_given_to_rows(tmp_path):
    table = tmp_path / "groups.csv"
    table.write_text("file,split,group\na.jpg,train,0\nb.jpg,test,0\n")
    rows = [Row(path=Path("x") / name, mos=0.5, content_id=name) for name in ("b.jpg", "a.jpg")]
    assert [row.content_id for row in with_groups(rows, read_groups(table))] == ["0", "0"]
    with pytest.raises(DataError, match=r"none for 'b.jpg', 'a.jpg'"):
        with_groups(rows, {})
    many = [Row(path=Path(f"{index}.jpg"), mos=0.5, content_id="") for index in range(9)]
    with pytest.raises(DataError, match="'0.jpg', '1.jpg', '2.jpg' and 6 more"):
        with_groups(many, {})


def test_a_file_has_one_group(tmp_path):
    table = tmp_path / "groups.csv"
    table.write_text("file,group\na.jpg,0\na.jpg,1\n")
    with pytest.raises(DataError, match="expected every file once in .* again 'a.jpg'"):
        read_groups(table)
