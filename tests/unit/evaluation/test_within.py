"""Rank correlation inside groups."""

import numpy as np
import pytest

from beholder.errors import DataError
from beholder.evaluation.within import mean_within_group_srcc, within_group_srcc

MOS = [10, 50, 90, 20, 60, 95]
CONTENTS = ["boat", "boat", "boat", "car", "car", "car"]


def test_groups_are_ranked_apart():
    # Overall the order is poor, because "car" is far above "boat"; inside it is perfect.
    predicted = [1, 2, 3, 11, 12, 13]
    assert within_group_srcc(predicted, MOS, CONTENTS) == {"boat": 1.0, "car": 1.0}
    predicted = [1, 2, 3, 13, 12, 11]
    assert within_group_srcc(predicted, MOS, CONTENTS) == {"boat": 1.0, "car": -1.0}
    assert mean_within_group_srcc(predicted, MOS, CONTENTS) == 0.0


def test_each_group_has_the_same_weight():
    predicted = [1, 2, 3, 4, 5, 6, 3, 2, 1]
    mos = [1, 2, 3, 4, 5, 6, 1, 2, 3]
    assert mean_within_group_srcc(predicted, mos, ["a"] * 6 + ["b"] * 3) == 0.0


def test_pairs_are_groups_too():
    codecs = ["h264", "av1"] * 6
    contents = ["boat"] * 6 + ["car"] * 6
    groups = list(zip(contents, codecs, strict=True))
    figures = within_group_srcc(np.arange(12), np.arange(12), groups)
    assert list(figures) == [("boat", "h264"), ("boat", "av1"), ("car", "h264"), ("car", "av1")]


def test_a_group_without_an_order_counts_zero():
    assert within_group_srcc([7, 7, 7, 1, 2, 3], MOS, CONTENTS) == {"boat": 0.0, "car": 1.0}


def test_groups_that_cannot_be_judged_are_refused():
    with pytest.raises(DataError, match="group 'b', found 2 items"):
        mean_within_group_srcc([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], ["a"] * 3 + ["b"] * 2)
    with pytest.raises(DataError, match="group 'a', found 3 items from 5 to 5"):
        mean_within_group_srcc([1, 2, 3], [5, 5, 5], ["a"] * 3)
    with pytest.raises(DataError, match="one group for each of 3 items, found 2"):
        mean_within_group_srcc([1, 2, 3], [1, 2, 3], ["a", "a"])
