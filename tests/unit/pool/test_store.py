"""A folder of features: written by extraction or made by hand, read with its gaps explained."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path

import numpy as np
import pytest

from beholder.datasets.rows import Row
from beholder.errors import DataError, UnknownName
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.store import StoreFacts, open_features, read_facts, write_facts, write_index

FACTS = StoreFacts(
    dataset="some",
    num_frames=16,
    entries=(
        PoolEntry(
            name="b",
            kind="timm",
            model="b.tag",
            pretext="words",
            input=InputSpec(fit="crop", size_px=224, short_px=256, clip_frames=8),
            features=2,
        ),
        PoolEntry(name="a", kind="onnx", model="a.onnx"),
    ),
    fingerprints={"a": "1", "b": "2"},
    identities={"a": "3", "b": "4"},
    versions={"numpy": "2"},
    complete=True,
)
ROWS = [
    Row(path=Path("sub/x.jpg"), mos=0.1, content_id="one", split="train", subset="s"),
    Row(path=Path("y, z.jpg"), mos=1 / 3, content_id="two", split="test"),
]


def _by_hand(folder: Path, index: str) -> Path:
    (folder / "index.csv").write_text(index, encoding="utf-8")
    np.save(folder / "m.npy", np.float16([[1, 2], [3, 4]]))
    return folder


def _written(folder: Path, facts: StoreFacts) -> Path:
    write_index(folder, ROWS, {"sub/x.jpg": "abc"})
    write_facts(folder, facts)
    for name in ("a", "b"):
        np.save(folder / f"{name}.npy", np.float32([[1, 2], [np.nan, 4]]))
    return folder


def test_a_folder_made_by_hand_needs_files_and_opinions_only(tmp_path):
    found = open_features(_by_hand(tmp_path, "file,mos\nx.jpg,0.25\ny.jpg,0.5\n"))
    assert found.names == ("m",)
    assert found.facts is None
    assert found.entries == {}
    np.testing.assert_array_equal(found.mos, [0.25, 0.5])
    assert found.content_ids == ("x.jpg", "y.jpg")
    features = found.features("m")
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, [[1, 2], [3, 4]])


def test_groups_beside_the_index_are_the_contents(tmp_path):
    folder = _by_hand(tmp_path, "file,mos,content_id\nsub/x.jpg,0.25,own\ny.jpg,0.5,\n")
    (folder / "groups.csv").write_text("file,split,group\nx.jpg,train,7\n", encoding="utf-8")
    found = open_features(folder)
    assert found.content_ids == ("7", "y.jpg")
    assert [row.split for row in found.rows] == ["train", ""]


def test_index_and_facts_come_back_equal(tmp_path):
    _written(tmp_path, dataclasses.replace(FACTS, failed=("y, z.jpg",)))
    assert read_facts(tmp_path) == dataclasses.replace(FACTS, failed=("y, z.jpg",))
    np.save(tmp_path / "other.npy", np.zeros((2, 1)))
    found = open_features(tmp_path)
    assert found.names == ("b", "a"), "the order of the pool; other arrays are not of it"
    assert found.rows == (ROWS[0],)
    assert found.entries["b"].pretext == "words"
    np.testing.assert_array_equal(found.features("b"), [[1, 2]])


def test_facts_of_some_models():
    some = FACTS.only(["a"])
    assert [entry.name for entry in some.entries] == ["a"]
    assert (some.fingerprints, some.identities) == ({"a": "1"}, {"a": "3"})
    assert FACTS.only(["a", "b"]).entries == FACTS.entries[::-1]
    with pytest.raises(UnknownName, match="expected models among b, a, found c"):
        FACTS.only(["c"])


def test_files_without_features_are_named(tmp_path, caplog):
    _written(tmp_path, dataclasses.replace(FACTS, failed=("y, z.jpg",)))
    with caplog.at_level(logging.WARNING):
        open_features(tmp_path)
    assert "no features of 'y, z.jpg'" in caplog.text


def test_an_unfinished_extraction_is_refused(tmp_path):
    _written(tmp_path, dataclasses.replace(FACTS, complete=False))
    with pytest.raises(DataError, match="run the same command again"):
        open_features(tmp_path)


def test_features_that_are_not_finite_are_refused(tmp_path):
    found = open_features(_written(tmp_path, FACTS))
    with pytest.raises(DataError, match=r"found 1 items without, first 'y, z.jpg'"):
        found.features("a")


def test_another_model_is_refused(tmp_path):
    found = open_features(_written(tmp_path, FACTS))
    with pytest.raises(UnknownName, match="expected one of the models b, a, found 'c'"):
        found.features("c")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 2)), r"floats \[2, features\] .* found float64 \[3, 2\]"),
        (np.zeros(2), r"found float64 \[2\]"),
        (np.zeros((2, 2), np.int64), "found int64"),
        (np.array([[object()]] * 2), "Python objects"),
    ],
)
def test_other_arrays_are_refused(tmp_path, array, message):
    folder = _by_hand(tmp_path, "file,mos\nx.jpg,0.25\ny.jpg,0.5\n")
    np.save(folder / "m.npy", array, allow_pickle=True)
    with pytest.raises(DataError, match=message):
        open_features(folder).features("m")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "of schema 1, found another; update Beholder"),
        ({"entries": [{"name": "x"}]}, "expected the entry of a pool file"),
        ({"extra": 1}, "expected the facts of a pool"),
    ],
)
def test_other_facts_are_refused(tmp_path, change, message):
    _written(tmp_path, FACTS)
    path = tmp_path / "pool.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **change}), "utf-8")
    with pytest.raises(DataError, match=message):
        open_features(tmp_path)
