"""Protocols: the same parts on every machine, contents on one side, files that come back equal."""

import json

import numpy as np
import pytest

from beholder.errors import DataError
from beholder.evaluation.protocols import (
    cross_set,
    holdout_splits,
    leave_one_set_out,
    official_split,
    spread_of,
)
from beholder.evaluation.split_set import (
    Part,
    SplitSet,
    compare_splits,
    locate,
    read_splits,
    write_splits,
)

KEYS = [f"clip{number:02d}.mp4" for number in range(20)]
CONTENTS = [f"scene{number // 4}" for number in range(20)]
SETS = {"first": ["a", "b"], "second": ["c"], "third": ["e", "d"]}

# Which items each repeat holds out, as first drawn; another machine must draw the same.
GOLDEN_ITEMS = {
    0: [4, 8, 9, 17],
    1: [2, 7, 11, 12],
}
GOLDEN_CONTENTS = ["scene0", "scene4", "scene4", "scene3", "scene2", "scene4"]


@pytest.mark.parametrize("order", [1, -1])
def test_every_machine_draws_the_same(order):
    keys = KEYS[::order]
    found = holdout_splits(keys, keys, seed=0)
    assert [part.name for part in found.parts] == [f"repeat {repeat}" for repeat in range(10)]
    for repeat, numbers in GOLDEN_ITEMS.items():
        assert found.parts[repeat].test == tuple(KEYS[number] for number in numbers)
    of_contents = holdout_splits(keys, CONTENTS[::order], seed=3, num_repeats=6)
    drawn = [{CONTENTS[KEYS.index(key)] for key in part.test} for part in of_contents.parts]
    assert [sorted(scenes) for scenes in drawn] == [[scene] for scene in GOLDEN_CONTENTS]
    assert all(len(part.test) == 4 for part in of_contents.parts)


def test_seeds_share_no_repeat():
    keys = [str(number) for number in range(200)]
    parts = [
        part.test for seed in (0, 1, 2) for part in holdout_splits(keys, keys, seed=seed).parts
    ]
    assert len(set(parts)) == 30


def test_the_official_split_leaves_out_what_is_on_no_side():
    sides = ["train"] * 10 + ["test"] * 5 + ["test 1080p"] * 5
    (part,) = official_split(KEYS, sides, name="LSVQ").parts
    assert (part.name, len(part.train), part.test) == ("official", 10, tuple(KEYS[10:15]))
    with pytest.raises(DataError, match="found 20 train and 0 test"):
        official_split(KEYS, ["train"] * 20, name="all")


def test_each_set_is_left_out_once():
    found = leave_one_set_out(SETS)
    assert [part.name for part in found.parts] == [
        "test on first", "test on second", "test on third",
    ]  # fmt: skip
    assert found.parts[2] == Part(name="test on third", train=("a", "b", "c"), test=("d", "e"))


def test_each_set_is_crossed_with_each_other():
    found = cross_set(SETS)
    assert len(found.parts) == 6
    assert found.parts[0] == Part(
        name="train on first, test on second", train=("a", "b"), test=("c",)
    )


def test_splits_come_back_equal_and_byte_for_byte(tmp_path):
    splits = holdout_splits(KEYS, CONTENTS, num_repeats=2, name="naïve 内容")
    path = tmp_path / "splits.json"
    write_splits(path, splits)
    assert read_splits(path) == splits
    first = path.read_bytes()
    write_splits(path, read_splits(path))
    assert path.read_bytes() == first
    assert json.loads(first)["schema"] == 1
    official = official_split(["a", "b"], ["train", "test"], name="two")
    write_splits(path, official)
    assert read_splits(path) == official


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"schema": 2}', '{"schema": 1, "name": "x"}', '{"schema": 1, "parts": 3}']
)
def test_other_files_are_refused(tmp_path, text):
    path = tmp_path / "splits.json"
    path.write_text(text)
    with pytest.raises(DataError, match="expected a split file of schema 1 at"):
        read_splits(path)
    with pytest.raises(DataError, match="FileNotFoundError"):
        read_splits(tmp_path / "none.json")


def test_the_difference_of_two_sets_is_told():
    one = SplitSet(
        name="one",
        seed=0,
        fraction=0.5,
        parts=(
            Part(name="same", train=("a",), test=("b",)),
            Part(name="other", train=("a", "b"), test=("c", "d")),
            Part(name="lacking", train=("a",), test=("b",)),
        ),
    )
    two = SplitSet(
        name="two",
        seed=0,
        fraction=0.5,
        parts=(
            Part(name="same", train=("a",), test=("b",)),
            Part(name="other", train=("a", "c"), test=("b", "d")),
        ),
    )
    assert compare_splits(one, one) == []
    other, lacking = compare_splits(one, two)
    assert (other.name, other.only_first, other.only_second) == ("other", ("c",), ("b",))
    assert (other.train_only_first, other.train_only_second) == (("b",), ("c",))
    assert (lacking.name, lacking.only_first, lacking.only_second) == ("lacking", ("b",), ())
    assert [difference.name for difference in compare_splits(two, one)] == ["other", "lacking"]


def test_a_part_is_found_among_rows():
    part = Part(name="x", train=("a", "d"), test=("c",))
    train, test = locate(part, ["d", "c", "unused", "a"])
    assert (train.tolist(), test.tolist()) == ([0, 3], [1])
    with pytest.raises(DataError, match=r"found none for 1, e.g. \['c'\]"):
        locate(part, ["a", "d"])
    with pytest.raises(DataError, match="found 3 rows with 2 different keys"):
        locate(part, ["a", "a", "c"])


def test_repeats_are_summed_up():
    found = spread_of([0.9, 0.7, 0.8, 0.6])
    assert (found.num_repeats, found.median) == (4, pytest.approx(0.75))
    assert found.std == pytest.approx(np.sqrt(0.0125))
    assert (found.lower_quartile, found.upper_quartile) == pytest.approx((0.675, 0.825))
    with pytest.raises(DataError, match="at least 1 items in figures of repeats"):
        spread_of([])


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(DataError, match="found 2 items with 1 different keys"):
        holdout_splits(["a", "a"], ["a", "b"])
    with pytest.raises(DataError, match="one content for each of 20 items, found 1"):
        holdout_splits(KEYS, ["x"])
    with pytest.raises(DataError, match="expected 1 to 1000 repeats, found 0"):
        holdout_splits(KEYS, KEYS, num_repeats=0)
    with pytest.raises(DataError, match="at least two data sets, found 1"):
        leave_one_set_out({"one": ["a"]})
    with pytest.raises(DataError, match="found 2 items with 1 different keys"):
        cross_set({"one": ["a"], "two": ["a"]})
    with pytest.raises(DataError, match="one side for each of 20 items"):
        official_split(KEYS, ["train"], name="x")
    with pytest.raises(DataError, match="expected parts of different names"):
        SplitSet(name="none", seed=None, fraction=None, parts=())
    with pytest.raises(DataError, match=r"with 1 named twice \['a'\]"):
        Part(name="x", train=("a",), test=("a", "b"))
