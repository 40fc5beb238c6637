"""Laws of splits and groups, whatever the items."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from beholder.datasets.groups import near_duplicates
from beholder.datasets.splits import group_holdout
from beholder.errors import DataError

GROUPS = st.lists(st.integers(0, 30), min_size=2, max_size=80)


@given(groups=GROUPS, fraction=st.floats(0.05, 0.95), seed=st.integers(0, 99))
def test_no_group_is_on_both_sides(groups, fraction, seed):
    try:
        mask = group_holdout(groups, fraction, seed=seed)
    except DataError:
        # Too few groups for a fraction; the unit tests say when.
        return
    names = np.array(groups)
    assert not set(names[mask]) & set(names[~mask])
    assert 0 < mask.sum() < len(groups)
    largest = max(groups.count(group) for group in groups)
    assert abs(mask.sum() - fraction * len(groups)) <= largest


@given(
    directions=st.lists(st.integers(0, 5), min_size=1, max_size=40),
    lengths=st.integers(1, 1000),
)
def test_the_same_direction_is_the_same_group(directions, lengths):
    features = np.eye(6)[directions] * lengths
    groups = near_duplicates(features)
    same = np.equal.outer(groups, groups)
    assert np.array_equal(same, np.equal.outer(directions, directions))
    # Numbered from 0 in order of first appearance.
    first_seen = list(dict.fromkeys(groups.tolist()))
    assert first_seen == list(range(len(first_seen)))
