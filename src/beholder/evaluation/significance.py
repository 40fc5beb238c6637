"""Is one model better than another on the same items, or was it the draw of items."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError, UsageError
from beholder.evaluation.bootstrap import percentile_interval
from beholder.evaluation.correlation import average_ranks, plcc
from beholder.evaluation.dependent import DependentTest, steiger_test, williams_test
from beholder.evaluation.kinds import FigureKind, figure_kind, on_scale
from beholder.evaluation.pairs import Vector, check_pair
from beholder.evaluation.resample import resampled

Test = Literal["bootstrap", "williams", "steiger"]
Mark = Literal["+", "-", "="]
"""Better, worse, not told apart."""

CORRELATION_TESTS = {"williams": williams_test, "steiger": steiger_test}


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How much a figure of the first model is above that of the second."""

    figure: str
    value: float
    """First minus second; for RMSE a value below 0 is good."""
    interval: tuple[float, float]
    """95 % percentile bootstrap interval over items."""
    p_value: float
    """Two-sided, 0..1; the hypothesis is that both are equal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Every model against every other, for a table of marks."""

    figure: str
    test: Test
    names: tuple[str, ...]
    """Of the models, in the order of rows and columns, M of them."""
    values: tuple[float, ...]
    """The figure of each model."""
    p_values: npt.NDArray[np.float64]
    """[M, M], after Holm's correction over all pairs; 1 on the diagonal."""
    marks: tuple[tuple[Mark, ...], ...]
    """[M, M], `+` where the model of the row is better than that of the column."""


def compare_two(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    mos: npt.ArrayLike,
    *,
    figure: str = "srcc",
    num_resamples: int = 1000,
    seed: int = 0,
) -> Difference:
    """Compare a figure of two models with the paired bootstrap: the same items for both.

    Fitted curves stay fixed inside the resamples.

    Args:
        first: Predictions of one model, [items].
        second: Predictions of the other for the same items, in the same order.
        mos: What people say, [items].
        figure: Its name, see `kinds.FIGURES`.
        num_resamples: The p value is at least 2 / (num_resamples + 1).
        seed: Of the draws.

    Returns:
        The difference; models in the other order give the same one with its sign turned.

    Raises:
        DataError: As `check_pair`, a figure that is not defined, or a fit that does not converge.
        UnknownName: No figure of that name.

    Source:
        Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 13 and 16; the p
        value is twice the smaller share of resamples on one side of 0, both counted with the data.
    """
    kind = figure_kind(figure)
    scaled, opinions = _on_scale([first, second], mos, kind=kind)
    values = [kind.value(predicted, opinions) for predicted in scaled]
    draws = _draws(scaled, opinions, kind=kind, num_resamples=num_resamples, seed=seed)
    differences = draws[:, 0] - draws[:, 1]
    differences = differences[np.isfinite(differences)]
    return Difference(
        figure=figure,
        value=values[0] - values[1],
        interval=percentile_interval(
            differences, num_resamples=num_resamples, num_items=opinions.size
        ),
        p_value=two_sided_p(differences),
    )


def correlation_test(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    mos: npt.ArrayLike,
    *,
    figure: str = "srcc",
    test: Literal["williams", "steiger"] = "williams",
) -> DependentTest:
    """Compare a correlation of two models with a test for correlations that share the opinions.

    Args:
        first: Predictions of one model, [items], at least 4.
        second: Predictions of the other for the same items, in the same order.
        mos: What people say, [items].
        figure: `srcc` (computed on ranks) or one of the `plcc_`.
        test: `williams` or `steiger`, see `dependent`. Made for Pearson's correlation of normal
            data: on ranks of such data 8 to 9 of 100 equal models were told apart at a level of
            0.05 (80 and 400 items, 1000 draws each). Prefer `compare_two` for `srcc`.

    Returns:
        Statistic, above 0 where the first model is better, and two-sided p value.

    Raises:
        DataError: As `compare_two`.
        UsageError: A figure for which there is no such test.
        UnknownName: No figure of that name.
    """
    scaled, opinions = _on_scale([first, second], mos, kind=figure_kind(figure))
    return _test_correlations(scaled[0], scaled[1], opinions, figure=figure, test=test)


def _test_correlations(
    first: Vector,
    second: Vector,
    mos: Vector,
    *,
    figure: str,
    test: Literal["williams", "steiger"],
) -> DependentTest:
    if figure == "srcc":
        first, second, mos = average_ranks(first), average_ranks(second), average_ranks(mos)
    elif not figure.startswith("plcc"):
        raise UsageError(f"no {test} test for {figure!r}; take the paired bootstrap instead")
    between = plcc(first, second)
    return CORRELATION_TESTS[test](plcc(first, mos), plcc(second, mos), between, num_items=mos.size)


def holm(p_values: npt.ArrayLike) -> Vector:
    """Correct p values for being many, so that one false alarm in all stays as rare as asked.

    Args:
        p_values: [tests], 0..1.

    Returns:
        Corrected p values, float64 [tests], 0..1, to be compared with the same level as before.

    Raises:
        DataError: A value outside 0..1.

    Source:
        Holm, Scandinavian Journal of Statistics 6 (1979).

    Example:
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]
    """
    found = np.asarray(p_values, dtype=np.float64)
    if found.ndim != 1 or not np.all((found >= 0) & (found <= 1)):
        raise DataError(
            f"expected a row of p values in 0..1, found {p_values!r}; compute them again"
        )
    order = np.argsort(found, kind="stable")
    scaled = np.minimum(1.0, found[order] * np.arange(found.size, 0, -1))
    corrected = np.empty_like(found)
    corrected[order] = np.maximum.accumulate(scaled)
    return corrected


def compare_models(
    predicted: Mapping[str, npt.ArrayLike],
    mos: npt.ArrayLike,
    *,
    figure: str = "srcc",
    test: Test = "bootstrap",
    level: float = 0.05,
    seed: int = 0,
) -> Comparison:
    """Compare every two models on the same items, with Holm's correction over all pairs.

    Args:
        predicted: Name of each model to its predictions, [items], in the order of `mos`.
        mos: What people say, [items].
        figure: Its name, see `kinds.FIGURES`.
        test: `bootstrap` for any figure (see `compare_two`), with as many resamples as the
            correction needs to reach the level, at least 1000; `williams` and `steiger` for
            correlations only.
        level: Corrected p values below it get a mark of better or worse, between 0 and 1.
        seed: Of the bootstrap; the other tests draw nothing.

    Returns:
        Figures, corrected p values and marks.

    Raises:
        DataError: As `compare_two`; a level out of range; or no model.
        UsageError: The test does not know the figure.
        UnknownName: No figure of that name.
    """
    if not predicted or not 0 < level < 1:
        raise DataError(
            f"expected at least one model and a level between 0 and 1, found {len(predicted)} and "
            f"{level}; 0.05 is usual"
        )
    kind = figure_kind(figure)
    names = tuple(predicted)
    pairs = list(itertools.combinations(range(len(names)), 2))
    scaled, opinions = _on_scale(list(predicted.values()), mos, kind=kind)
    values = [kind.value(one, opinions) for one in scaled]
    if test == "bootstrap":
        num_resamples = max(1000, round(4 * len(pairs) / level))
        draws = _draws(scaled, opinions, kind=kind, num_resamples=num_resamples, seed=seed)
        found = [two_sided_p(draws[:, one] - draws[:, other]) for one, other in pairs]
    else:
        found = [
            _test_correlations(
                scaled[one], scaled[other], opinions, figure=figure, test=test
            ).p_value
            for one, other in pairs
        ]
    p_values = np.ones((len(names), len(names)))
    for (one, other), corrected in zip(pairs, holm(found), strict=True):
        p_values[one, other] = p_values[other, one] = corrected
    return Comparison(
        figure=figure,
        test=test,
        names=names,
        values=tuple(values),
        p_values=p_values,
        marks=_marks([-value if kind.is_error else value for value in values], p_values, level),
    )


def _marks(
    goodness: Sequence[float], p_values: npt.NDArray[np.float64], level: float
) -> tuple[tuple[Mark, ...], ...]:
    models = range(len(goodness))
    return tuple(
        tuple(
            _mark(goodness[row] - goodness[column], p_values[row, column], level=level)
            for column in models
        )
        for row in models
    )


def _on_scale(
    columns: list[npt.ArrayLike], mos: npt.ArrayLike, *, kind: FigureKind
) -> tuple[list[Vector], Vector]:
    pairs = [check_pair(column, mos) for column in columns]
    scaled = [on_scale(predicted, opinions, scale=kind.scale) for predicted, opinions in pairs]
    return scaled, pairs[0][1]


def _draws(
    scaled: list[Vector], mos: Vector, *, kind: FigureKind, num_resamples: int, seed: int
) -> npt.NDArray[np.float64]:
    figures = [kind.of_counts(predicted, mos) for predicted in scaled]
    return resampled(figures, mos.size, num_resamples=num_resamples, seed=seed)


def two_sided_p(differences: Vector) -> float:
    """Turn differences on resamples into a p value: twice the smaller share on one side of 0.

    Args:
        differences: [num_resamples]; NaN where they are not defined.

    Returns:
        2 / (num_resamples + 1) to 1.
    """
    differences = differences[np.isfinite(differences)]
    # The data themselves count as one more draw, so that no p value is 0.
    below = 1 + int(np.count_nonzero(differences <= 0))
    above = 1 + int(np.count_nonzero(differences >= 0))
    return min(1.0, 2 * min(below, above) / (differences.size + 1))


def _mark(advantage: float, p_value: float, *, level: float) -> Mark:
    if p_value >= level:
        return "="
    return "+" if advantage > 0 else "-"
