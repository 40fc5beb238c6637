"""Several models judged on the same items: every figure of each, and who is better than whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.figures import Figure, judge
from beholder.evaluation.krasula import RatedPairs, judge_pairs, rated_pairs
from beholder.evaluation.pairs import Vector
from beholder.evaluation.protocols import spread_of
from beholder.evaluation.resample import mean_of_counts, resampled
from beholder.evaluation.significance import Comparison, compare_models, holm, two_sided_p
from beholder.evaluation.within import MIN_GROUP_ITEMS, within_group_srcc

WITHIN = "within_content_srcc"
COVERAGE = "coverage"

NUM_DRAWS = 2000
"""Resamples of contents for p values: they go down to 0.001."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinions:
    """What people say of the items, in one unit."""

    mos: Vector
    """[items], higher is better."""
    content_ids: tuple[str, ...]
    """The scene of each item."""
    mos_std: Vector | None = None
    """[items], standard deviation of the single opinions."""
    num_votes: Vector | None = None
    """[items], how many people rated each item."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrant:
    """What one model says of the same items."""

    name: str
    predicted: Vector
    """[items], any scale, higher is better."""
    ends: npt.NDArray[np.float64] | None = None
    """[items, 2], the model's own interval in the unit of the opinions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contest:
    """Result of one set of items."""

    num_items: int
    num_contents: int
    figures: dict[str, dict[str, Figure]]
    """From the model's name to its figures by name; the same figures for all where possible."""
    significance: Comparison | None
    """Of SRCC, every model against every other; None for a single model."""
    within_p_values: dict[str, float]
    """Of SRCC within contents, every model against the best of them, which is left out."""
    notes: tuple[str, ...]
    """What a reader of the figures has to know."""

    def best(self, figure: str = "srcc") -> str:
        """Return the model with the highest value of a figure."""
        return max(self.figures, key=lambda name: _value(self.figures[name].get(figure)))


def hold_contest(
    opinions: Opinions, entrants: Sequence[Entrant], *, seed: int = 0, num_resamples: int = 1000
) -> Contest:
    """Judge every model on the same items.

    Besides the figures of `figures.judge` there are those of `krasula.judge_pairs` where the spread
    of opinions and the number of votes are known, `within_content_srcc`, the mean rank
    correlation inside contents where some have three items or more (its interval is over
    contents), and `coverage`, the share of opinions inside the model's own interval.

    Args:
        opinions: At least 3 items.
        entrants: At least one, names unique.
        seed: Of every bootstrap.
        num_resamples: Of the intervals.

    Returns:
        Figures, significance and notes.

    Raises:
        DataError: As `figures.judge`.
    """
    pairs = _rated_pairs(opinions, seed=seed)
    within = {entrant.name: _within(opinions, entrant) for entrant in entrants}
    figures = {}
    for entrant in entrants:
        found = judge(
            entrant.predicted,
            opinions.mos,
            mos_std=opinions.mos_std,
            num_votes=opinions.num_votes,
            seed=seed,
            num_resamples=num_resamples,
        )
        figures[entrant.name] = dict(found.by_name)
        if pairs is not None:
            figures[entrant.name] |= judge_pairs(entrant.predicted, pairs, seed=seed)
        by_content = within[entrant.name]
        if by_content.size:
            figures[entrant.name][WITHIN] = _mean(by_content, seed=seed)
        if entrant.ends is not None:
            inside = (entrant.ends[:, 0] <= opinions.mos) & (opinions.mos <= entrant.ends[:, 1])
            figures[entrant.name][COVERAGE] = _mean(inside, seed=seed)
    significance, notes = _compare(opinions, entrants, seed=seed)
    return Contest(
        num_items=opinions.mos.size,
        num_contents=len(set(opinions.content_ids)),
        figures=figures,
        significance=significance,
        within_p_values=_compare_within(within, seed=seed),
        notes=tuple(notes),
    )


def median_contest(contests: Sequence[Contest]) -> Contest:
    """Sum up contests over the parts of a split, as papers do.

    Args:
        contests: Of the same models, at least one.

    Returns:
        Each figure is the median over the parts, its interval the two quartiles; a figure that
        some part lacks is left out.
    """
    figures = {
        name: {
            figure: _median([contest.figures[name][figure].value for contest in contests])
            for figure in figures
            if all(figure in contest.figures[name] for contest in contests)
        }
        for name, figures in contests[0].figures.items()
    }
    return Contest(
        num_items=round(np.mean([contest.num_items for contest in contests])),
        num_contents=round(np.mean([contest.num_contents for contest in contests])),
        figures=figures,
        significance=None,
        within_p_values={},
        notes=("In the block of medians, brackets are the quartiles over the parts.",),
    )


def _median(values: Sequence[float | None]) -> Figure:
    defined = [value for value in values if value is not None]
    if len(defined) < len(values):
        return Figure(
            value=None,
            interval=None,
            reason=f"not defined on {len(values) - len(defined)} of {len(values)} parts",
        )
    spread = spread_of(defined)
    return Figure(value=spread.median, interval=(spread.lower_quartile, spread.upper_quartile))


def _rated_pairs(opinions: Opinions, *, seed: int) -> RatedPairs | None:
    if opinions.mos_std is None or opinions.num_votes is None:
        return None
    return rated_pairs(
        opinions.mos, mos_std=opinions.mos_std, num_votes=opinions.num_votes, seed=seed
    )


def _within(opinions: Opinions, entrant: Entrant) -> Vector:
    """Return SRCC of each content that has enough items of differing opinions."""
    members: dict[str, list[int]] = {}
    for index, content in enumerate(opinions.content_ids):
        members.setdefault(content, []).append(index)
    kept = [
        index
        for indices in members.values()
        if len(indices) >= MIN_GROUP_ITEMS and np.ptp(opinions.mos[indices]) > 0
        for index in indices
    ]
    if not kept:
        return np.empty(0)
    contents = [opinions.content_ids[index] for index in kept]
    found = within_group_srcc(entrant.predicted[kept], opinions.mos[kept], contents)
    return np.array(list(found.values()))


def _mean(values: npt.NDArray[Any], *, seed: int) -> Figure:
    return Figure(
        value=float(values.mean()), interval=bootstrap_interval(np.mean, values, seed=seed)
    )


def _compare(
    opinions: Opinions, entrants: Sequence[Entrant], *, seed: int
) -> tuple[Comparison | None, list[str]]:
    notes = []
    if len(set(opinions.content_ids)) < opinions.mos.size:
        notes.append(
            "Items that share a content are not independent: intervals and marks over items are "
            "too narrow; those of SRCC within content are over contents."
        )
    if len(entrants) < 2:
        return None, notes
    predicted = {entrant.name: entrant.predicted for entrant in entrants}
    try:
        return compare_models(predicted, opinions.mos, seed=seed), notes
    except DataError as error:
        return None, [*notes, f"The models could not be compared: {error}."]


def _compare_within(by_content: Mapping[str, Vector], *, seed: int) -> dict[str, float]:
    """Compare every model with the best one by the paired bootstrap over contents."""
    names = [name for name, values in by_content.items() if values.size]
    if len(names) < 2:
        return {}
    best = max(names, key=lambda name: float(by_content[name].mean()))
    others = [name for name in names if name != best]
    differences = [mean_of_counts(by_content[best] - by_content[name]) for name in others]
    num_contents = by_content[best].size
    draws = resampled(differences, num_contents, num_resamples=NUM_DRAWS, seed=seed)
    corrected = holm([two_sided_p(column) for column in draws.T])
    return dict(zip(others, corrected.tolist(), strict=True))


def _value(figure: Figure | None) -> float:
    return -np.inf if figure is None or figure.value is None else figure.value
