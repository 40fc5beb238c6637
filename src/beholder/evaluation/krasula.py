"""Can a model tell which pairs differ, and which of two is better: the analysis of Krasula et al.

Correlations reward a model for placing every item exactly, though people may not tell many of them
apart. Here pairs count instead: those that people rated differently beyond chance, and the others.
It needs the spread of opinions and the number of votes, but no common scale and no fitted curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.bootstrap import percentile_interval
from beholder.evaluation.figures import Figure, with_interval
from beholder.evaluation.pairs import Vector, check_each, check_pair, check_vector
from beholder.evaluation.resample import CountsFigure, resampled
from beholder.evaluation.significance import Difference, two_sided_p

Indices = npt.NDArray[np.int64]
Weighted = Callable[[Vector], float]
"""A figure of pairs from their weights, float64 [pairs]; NaN where it is not defined."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RatedPairs:
    """Pairs of items and whether people told them apart; P of them."""

    num_items: int
    num_possible: int
    """How many pairs the items have; P is less where they were sampled."""
    better: Indices
    """[P], the item with the higher mean opinion; either one where they are equal."""
    worse: Indices
    """[P]."""
    is_different: npt.NDArray[np.bool_]
    """[P], True where the mean opinions differ beyond chance."""


def rated_pairs(
    mos: npt.ArrayLike,
    *,
    mos_std: npt.ArrayLike | None,
    num_votes: npt.ArrayLike | None,
    level: float = 0.05,
    max_pairs: int = 50_000,
    seed: int = 0,
) -> RatedPairs:
    """Find the pairs that people rated differently.

    Args:
        mos: Mean opinions, [items], at least 3.
        mos_std: Standard deviation of the opinions on each item, [items] or one number.
        num_votes: How many people rated each item, [items] or one number, at least 2.
        level: Two-sided level of the z test on each pair, between 0 and 1.
        max_pairs: Where the items have more pairs, so many are drawn, which bounds memory; 12,000
            items have 72 million.
        seed: Of that draw.

    Returns:
        The pairs.

    Raises:
        DataError: No spread or no votes; as `check_vector`; a value out of range.

    Source:
        Krasula, Fliegel, Le Callet and Klíma, On the Accuracy of Objective Image and Video Quality
        Models: New Methodology for Performance Evaluation, QoMEX 2016, section III.
    """
    opinions = check_vector(mos, "mos")
    if mos_std is None or num_votes is None:
        raise DataError(
            "expected mos_std and num_votes to tell which pairs differ, found one or both missing; "
            "without them judge by correlations"
        )
    if not 0 < level < 1 or max_pairs < 1:
        raise DataError(
            f"expected a level between 0 and 1 and at least one pair, found {level} and "
            f"{max_pairs}; 0.05 and 50000 are usual"
        )
    from scipy.stats import norm

    spread = check_each(mos_std, "mos_std", num_items=opinions.size, least=0)
    votes = check_each(num_votes, "num_votes", num_items=opinions.size, least=2)
    first, second = _draw_pairs(opinions.size, max_pairs=max_pairs, seed=seed)
    variance = spread**2 / votes
    noise = np.sqrt(variance[first] + variance[second])
    difference = opinions[first] - opinions[second]
    return RatedPairs(
        num_items=opinions.size,
        num_possible=opinions.size * (opinions.size - 1) // 2,
        better=np.where(difference >= 0, first, second),
        worse=np.where(difference >= 0, second, first),
        is_different=np.abs(difference) > norm.ppf(1 - level / 2) * noise,
    )


def judge_pairs(
    predicted: npt.ArrayLike, pairs: RatedPairs, *, num_resamples: int = 200, seed: int = 0
) -> dict[str, Figure]:
    """Compute how well a model tells pairs apart.

    Args:
        predicted: What a model says, [items], any scale, higher is better.
        pairs: From `rated_pairs`.
        num_resamples: Of the bootstrap over items: pairs that share an item are not independent.
        seed: Of the bootstrap.

    Returns:
        `auc_different_similar`: chance that a pair that differs has a larger distance in the
        predictions than one that does not. `auc_better_worse`: area under the curve of telling the
        better item of differing pairs, each pair in both orders. `correct_better_worse`: share of
        differing pairs whose better item has the higher prediction, equal ones counting half. All
        0..1 with 95 % intervals; 0.5 is chance for all three. No value but a reason where there
        are no differing pairs, or no others.

    Raises:
        DataError: Predictions that are not finite, or not one for each item.

    Source:
        As `rated_pairs`.
    """
    values = _check(predicted, pairs)
    figures: dict[str, Figure] = {}
    of_counts: dict[str, CountsFigure] = {}
    for name, weighted in _figures(values, pairs).items():
        value = weighted(np.ones(pairs.better.size))
        if np.isfinite(value):
            figures[name] = Figure(value=value, interval=None)
            of_counts[name] = _of_counts(weighted, pairs)
        else:
            num_different = int(np.count_nonzero(pairs.is_different))
            reason = (
                f"expected pairs that differ and pairs that do not, found {num_different} and "
                f"{pairs.is_different.size - num_different}; give more varied items"
            )
            figures[name] = Figure(value=None, interval=None, reason=reason)
    draws = resampled(
        list(of_counts.values()), pairs.num_items, num_resamples=num_resamples, seed=seed
    )
    for name, column in zip(of_counts, draws.T, strict=True):
        figures[name] = with_interval(figures[name], column, num_items=pairs.num_items)
    return figures


def compare_pairs(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    pairs: RatedPairs,
    *,
    num_resamples: int = 200,
    seed: int = 0,
) -> dict[str, Difference]:
    """Compare two models by the figures of `judge_pairs`, with the paired bootstrap over items.

    The paper compares areas by Hanley and McNeil's test, which takes pairs as independent; they
    are not where they share an item, so items are drawn here.

    Args:
        first: Predictions of one model, [items].
        second: Predictions of the other for the same items.
        pairs: From `rated_pairs`.
        num_resamples: The p value is at least 2 / (num_resamples + 1).
        seed: Of the bootstrap.

    Returns:
        First minus second for each figure.

    Raises:
        DataError: As `judge_pairs`, or a figure is undefined on more than a tenth of the resamples.
    """
    ours = _figures(_check(first, pairs), pairs)
    theirs = _figures(_check(second, pairs), pairs)
    of_counts = [_of_counts(one[name], pairs) for name in ours for one in (ours, theirs)]
    draws = resampled(of_counts, pairs.num_items, num_resamples=num_resamples, seed=seed)
    weights = np.ones(pairs.better.size)
    found = {}
    for index, name in enumerate(ours):
        differences = draws[:, 2 * index] - draws[:, 2 * index + 1]
        differences = differences[np.isfinite(differences)]
        found[name] = Difference(
            figure=name,
            value=ours[name](weights) - theirs[name](weights),
            interval=percentile_interval(
                differences, num_resamples=num_resamples, num_items=pairs.num_items
            ),
            p_value=two_sided_p(differences),
        )
    return found


def _check(predicted: npt.ArrayLike, pairs: RatedPairs) -> Vector:
    values, _ = check_pair(predicted, np.zeros(pairs.num_items))
    return values


def _figures(predicted: Vector, pairs: RatedPairs) -> dict[str, Weighted]:
    advantage = predicted[pairs.better] - predicted[pairs.worse]
    different = np.flatnonzero(pairs.is_different)
    lead = advantage[different]
    apart = _auc(np.abs(advantage), pairs.is_different)
    both = _auc(np.r_[lead, -lead], np.arange(2 * lead.size) < lead.size)
    correct = (np.sign(lead) + 1) / 2
    return {
        "auc_different_similar": apart,
        "auc_better_worse": lambda weights: both(np.tile(weights[different], 2)),
        "correct_better_worse": lambda weights: _mean(correct, weights[different]),
    }


def _of_counts(weighted: Weighted, pairs: RatedPairs) -> CountsFigure:
    return lambda counts: weighted(counts[pairs.better] * counts[pairs.worse])


def _auc(values: Vector, is_positive: npt.NDArray[np.bool_]) -> Weighted:
    """Prepare the chance that a positive is above a negative; equal ones count half."""
    order = np.argsort(values, kind="stable")
    ordered, positive = values[order], is_positive[order].astype(np.float64)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])

    def area(weights: Vector) -> float:
        if not values.size:
            return float("nan")
        sorted_weights = weights[order]
        above = np.add.reduceat(sorted_weights * positive, starts)
        below = np.add.reduceat(sorted_weights * (1 - positive), starts)
        total = float(above.sum() * below.sum())
        passed = np.cumsum(below) - below / 2
        return float(np.sum(above * passed) / total) if total > 0 else float("nan")

    return area


def _mean(values: Vector, weights: Vector) -> float:
    total = float(weights.sum())
    return float(np.sum(values * weights) / total) if total > 0 else float("nan")


def _draw_pairs(num_items: int, *, max_pairs: int, seed: int) -> tuple[Indices, Indices]:
    """Return all pairs, or so many of them, each once or less."""
    num_possible = num_items * (num_items - 1) // 2
    if num_possible <= max_pairs:
        numbers = np.arange(num_possible)
    else:
        generator = np.random.Generator(np.random.PCG64(seed))
        numbers = np.unique(generator.integers(num_possible, size=max_pairs))
    # Pair k is (i, j) with i * (i - 1) / 2 + j = k and j < i; the root is right but for rounding.
    first = ((1 + np.sqrt(1 + 8.0 * numbers)) / 2).astype(np.int64)
    first -= first * (first - 1) // 2 > numbers
    first += first * (first + 1) // 2 <= numbers
    return first, numbers - first * (first - 1) // 2
