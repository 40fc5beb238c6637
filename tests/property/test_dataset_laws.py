"""Laws of scales and fixed splits, whatever the numbers."""

import dataclasses
from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from beholder.datasets.csv_manifest import CARD
from beholder.datasets.presets import PRESETS, apply_preset
from beholder.datasets.rows import Row

ENDS = st.integers(-100, 100)
CONTENTS = st.lists(st.integers(1, 20).map(str), max_size=60)


@given(worst=ENDS, best=ENDS, shares=st.lists(st.integers(0, 64), min_size=2, max_size=20))
def test_a_scale_keeps_the_order_of_quality_and_its_ends(worst, best, shares):
    assume(worst != best)
    card = dataclasses.replace(CARD, mos_range=(worst, best))
    units = [card.unit(worst + share / 64 * (best - worst)) for share in shares]
    assert all(abs(unit - share / 64) < 1e-9 for unit, share in zip(units, shares, strict=True))
    assert (card.unit(worst), card.unit(best)) == (0, 1)
    # A spread has no direction.
    assert card.unit_std(abs(best - worst)) == 1


@given(contents=CONTENTS)
def test_a_fixed_split_divides_contents_not_items(contents):
    named = PRESETS["waterloo_ivc_4k_internvqa"].test_contents
    rows = [
        Row(path=Path(f"{index}.mp4"), mos=0.5, content_id=content)
        for index, content in enumerate([*sorted(named), *contents])
    ]
    split = apply_preset(rows, "waterloo_ivc_4k_internvqa")
    assert [row.path for row in split] == [row.path for row in rows]
    assert {row.content_id for row in split if row.split == "test"} == named
    assert not named & {row.content_id for row in split if row.split == "train"}
