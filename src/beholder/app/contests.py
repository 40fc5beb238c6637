"""From rated items and predictions to contests: the items that all models share, group by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from beholder.app.entrants import Source
from beholder.datasets.presets import PRESETS, apply_preset
from beholder.datasets.rows import Row, name_some
from beholder.errors import DataError
from beholder.evaluation.contest import Contest, Entrant, Opinions, hold_contest, median_contest
from beholder.evaluation.split_set import SplitSet, locate
from beholder.scoring.prediction_files import RatedItem

ALL = "all"
MIN_ITEMS = 5
"""Fewer items than this give no figure that means anything; the logistic fits need as many."""


def choose_part(rows: Mapping[str, Row], part: str) -> dict[str, Row]:
    """Take the rows of an official part, or of the test part of a fixed split.

    Args:
        rows: Of one data set.
        part: `all`, a part that the data set's makers drew, or a key of `presets.PRESETS`.

    Raises:
        DataError: No row is in that part, or the rows do not fit the fixed split.
    """
    if part in PRESETS:
        fixed = apply_preset(list(rows.values()), part)
        rows, part = dict(zip(rows, fixed, strict=True)), "test"
    chosen = {key: row for key, row in rows.items() if part in (ALL, row.split)}
    if not chosen:
        parts = sorted({row.split for row in rows.values() if row.split})
        raise DataError(
            f"expected one of the official parts {', '.join(parts) or '(there are none)'}, a fixed "
            f"split ({', '.join(PRESETS)}) or a file (.json), found {part!r}; choose one of these, "
            "or leave --split out"
        )
    return chosen


def common_items(
    items: Sequence[RatedItem], sources: Sequence[Source]
) -> tuple[list[RatedItem], list[str]]:
    """Keep the items that every model has a prediction for: only those can be compared.

    Returns:
        The items in the same order, and a sentence for each model that lacks some.

    Raises:
        DataError: Too few are left.
    """
    common = [item for item in items if all(item.path in one.predicted for one in sources)]
    if len(common) < MIN_ITEMS:
        counts = ", ".join(f"{len(one.predicted)} by {one.name}" for one in sources)
        raise DataError(
            f"expected at least {MIN_ITEMS} items that all models have predictions for, found "
            f"{len(common)} of {len(items)} ({counts}); check that the paths are those of the data"
        )
    left_out = []
    for source in sources:
        missing = [item.path for item in items if item.path not in source.predicted]
        if missing:
            left_out.append(
                f"Left out for all models: {len(missing)} of {len(items)} items without a "
                f"prediction of {source.name}: {name_some(missing)}."
            )
    return common, left_out


def hold_contests(
    items: Sequence[RatedItem], sources: Sequence[Source], *, by: str | None, with_coverage: bool
) -> tuple[dict[str, Contest], list[str]]:
    """Judge all items together, and each group of them.

    Args:
        items: Rated by people and by every model.
        sources: The models.
        by: The field of `RatedItem` that the items of a group share; None makes no groups.
        with_coverage: Whether the models' intervals speak of these opinions.

    Returns:
        Contest by group, `all` first, and a sentence on groups that are too small.

    Raises:
        DataError: No item says what it is grouped by.
    """
    contests = {ALL: _hold(items, sources, with_coverage=with_coverage)}
    if by is None:
        return contests, []
    groups: dict[str, list[RatedItem]] = {}
    for item in items:
        groups.setdefault(str(getattr(item, by)), []).append(item)
    if set(groups) == {""}:
        raise DataError(
            f"expected items with a {by}, found none; choose another --by, or leave it out"
        )
    small = [name or "(none)" for name, members in groups.items() if len(members) < MIN_ITEMS]
    for name, members in groups.items():
        if len(members) >= MIN_ITEMS:
            contest = _hold(members, sources, with_coverage=with_coverage)
            contests[f"{by} {name or '(none)'}"] = contest
    sentence = f"Too small for figures of their own (fewer than {MIN_ITEMS} items): "
    return contests, [f"{sentence}{name_some(small)}."] if small else []


def choose_test_keys(keys: Sequence[str], splits: SplitSet) -> set[str]:
    """Return the items that some part of a split is judged on.

    Raises:
        DataError: An item of the split is not among the keys.
    """
    for part in splits.parts:
        locate(part, keys)
    return {key for part in splits.parts for key in part.test}


def hold_split_contests(
    items: Sequence[RatedItem],
    sources: Sequence[Source],
    splits: SplitSet,
    *,
    with_coverage: bool,
) -> dict[str, Contest]:
    """Judge the test items of each part of a split; of several parts, also the median.

    Args:
        items: Rated by people and by every model.
        sources: The models; they have learnt nothing from the test sides.
        splits: As `evaluation.split_set.read_splits` gives it.
        with_coverage: As `hold_contests`.

    Returns:
        Contest by part, the median over parts first.

    Raises:
        DataError: Fewer than 3 test items of a part are among the items.
    """
    contests = {}
    for part in splits.parts:
        test = set(part.test)
        chosen = [item for item in items if item.path in test]
        contests[part.name] = _hold(chosen, sources, with_coverage=with_coverage)
    if len(contests) == 1:
        return contests
    median = median_contest(list(contests.values()))
    return {f"median of {len(contests)} parts": median, **contests}


def _hold(items: Sequence[RatedItem], sources: Sequence[Source], *, with_coverage: bool) -> Contest:
    paths = [item.path for item in items]
    entrants = [
        Entrant(
            name=source.name,
            predicted=np.array([source.predicted[path] for path in paths]),
            ends=np.array([source.intervals[path] for path in paths])
            if with_coverage and source.intervals is not None
            else None,
        )
        for source in sources
    ]
    return hold_contest(_opinions(items), entrants)


def _opinions(items: Sequence[RatedItem]) -> Opinions:
    spreads = [item.mos_std for item in items]
    votes = [item.num_votes for item in items]
    has_spread = None not in spreads
    return Opinions(
        mos=np.array([item.mos for item in items]),
        content_ids=tuple(item.content_id for item in items),
        mos_std=np.array(spreads, np.float64) if has_spread else None,
        num_votes=np.array(votes, np.float64) if has_spread and None not in votes else None,
    )
