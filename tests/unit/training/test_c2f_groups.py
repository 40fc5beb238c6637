"""Groups of bitrates, and batches that always hold several contents and several groups."""

from pathlib import Path

import numpy as np
import pytest

from beholder.datasets.rows import Row
from beholder.errors import DataError, UsageError
from beholder.training.c2f_groups import RungSampler, rate_groups
from beholder.training.c2f_recipe import C2fData


def row(content, rate, mos=0.5):
    return Row(path=Path(f"{content}_{rate}.mp4"), mos=mos, content_id=content, bitrate_kbps=rate)


LADDERS = [
    row(content, rate * scale)
    for content, scale in (("a", 1), ("b", 50))
    for rate in (300, 100, 200, 600, 500, 400)
]


def test_groups_are_thirds_of_a_contents_rates():
    groups = rate_groups(LADDERS, C2fData(num_groups=3))
    assert groups.tolist() == [1, 0, 0, 2, 2, 1] * 2


def test_groups_of_a_set_compare_all_rates():
    groups = rate_groups(LADDERS, C2fData(num_groups=2, group_by="set"))
    assert groups.tolist() == [0] * 6 + [1] * 6


def test_equal_rates_are_divided_as_they_come():
    rows = [row("a", 100.0)] * 4
    assert rate_groups(rows, C2fData(num_groups=2)).tolist() == [0, 0, 1, 1]


def test_what_cannot_be_grouped_is_told():
    with pytest.raises(DataError, match=r"expected a bitrate for every clip, found none for .*c_N"):
        rate_groups([*LADDERS, row("c", None)], C2fData(num_groups=2))
    with pytest.raises(DataError, match="at least 4 clips of content 'c', found 1; set data.group"):
        rate_groups([*LADDERS, row("c", 5.0)], C2fData(num_groups=4))
    with pytest.raises(UsageError, match="of 2 or more"):
        C2fData(num_contents=1)


@pytest.fixture
def many():
    rows = [row(f"c{i}", float(rate)) for i in range(7) for rate in range(12)]
    return rows, [r.content_id for r in rows]


def sampler(rows, contents, **settings):
    settings = C2fData(num_groups=3, num_contents=2, **settings)
    groups = rate_groups(rows, settings)
    return RungSampler(groups, contents, places=np.arange(len(rows)), settings=settings), groups


def test_every_batch_has_several_contents_in_every_group(many):
    rows, contents = many
    drawer, groups = sampler(rows, contents)
    for step in range(20):
        drawn = drawer.draw(step)
        assert len(drawn) == len(set(drawn.tolist())) == 3 * 2 * 2
        shared = None
        for group in range(3):
            found = {contents[p] for p in drawn if groups[p] == group}
            assert len(found) == 2
            # The same contents at every rate: what differs between groups is the coding.
            shared = shared or found
            assert found == shared


def test_a_step_is_the_same_whenever_it_is_drawn(many):
    first, _ = sampler(*many)
    second, _ = sampler(*many)
    second.draw(0)
    assert first.draw(9).tolist() == second.draw(9).tolist() != first.draw(8).tolist()


def test_every_content_comes_in_an_epoch(many):
    rows, contents = many
    drawer, _ = sampler(rows, contents)
    assert drawer.steps_per_epoch == 4
    seen = {contents[p] for step in range(4) for p in drawer.draw(step)}
    assert len(seen) == 7


def test_only_given_places_are_drawn(many):
    rows, contents = many
    settings = C2fData(num_groups=3, num_contents=2)
    places = np.flatnonzero(np.isin(contents, ["c1", "c4", "c5"]))
    drawer = RungSampler(rate_groups(rows, settings), contents, places=places, settings=settings)
    assert {contents[p] for step in range(9) for p in drawer.draw(step)} == {"c1", "c4", "c5"}


def test_contents_that_lack_a_group_are_passed_over():
    rows = [row(name, rate) for name, rate in (("a", 1.0), ("b", 2.0), ("c", 9.0), ("d", 8.0))]
    settings = C2fData(num_groups=2, num_contents=2, group_by="set")
    groups = rate_groups(rows, settings)
    contents = [r.content_id for r in rows]
    drawn = RungSampler(groups, contents, places=np.arange(4), settings=settings).draw(0)
    # Two clips of each are asked for; the only one comes twice.
    assert sorted(contents[p] for p in drawn[:4]) == ["a", "a", "b", "b"]
    assert sorted(contents[p] for p in drawn[4:]) == ["c", "c", "d", "d"]


def test_too_few_contents_are_told():
    settings = C2fData(num_groups=2, num_contents=3)
    groups = rate_groups(LADDERS, settings)
    contents = [r.content_id for r in LADDERS]
    with pytest.raises(DataError, match="3 contents or more to train on in bitrate group 0"):
        RungSampler(groups, contents, places=np.arange(12), settings=settings)
