"""All figures of one model on one data set, each with its interval."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.bootstrap import percentile_interval
from beholder.evaluation.kinds import FIGURES, FigureKind, Scale, on_scale
from beholder.evaluation.outliers import outlier_kinds
from beholder.evaluation.pairs import Vector, check_pair
from beholder.evaluation.resample import CountsFigure, resampled


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One number and how sure it is."""

    value: float | None
    """None where the figure is not defined; `reason` says why."""
    interval: tuple[float, float] | None
    """95 % percentile bootstrap interval over items; None where there is none."""
    reason: str = ""
    """Why the value or the interval is missing; empty where both are there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How well a model agrees with people on one set of items."""

    num_items: int
    by_name: Mapping[str, Figure]
    """In the order in which a table shows them; outlier ratios only where they can be told."""

    def __getitem__(self, name: str) -> Figure:
        """Return one figure by name."""
        return self.by_name[name]

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON can hold them: `num_items` and an object for each figure."""
        found: dict[str, Any] = {"num_items": self.num_items}
        for name, figure in self.by_name.items():
            interval = None if figure.interval is None else list(figure.interval)
            found[name] = {"value": figure.value, "interval": interval}
            if figure.reason:
                found[name]["reason"] = figure.reason
        return found


def judge(
    predicted: npt.ArrayLike,
    mos: npt.ArrayLike,
    *,
    mos_std: npt.ArrayLike | None = None,
    num_votes: npt.ArrayLike | None = None,
    seed: int = 0,
    num_resamples: int = 1000,
) -> Figures:
    """Compute every figure that the data allow.

    The fitted curves stay fixed inside the resamples: the intervals tell how the items were drawn,
    not how the curve was found. 12,000 items take some seconds, most of them for KRCC.

    Args:
        predicted: What a model says, [items], at least 3, any scale, higher is better.
        mos: What people say, [items], any unit, higher is better.
        mos_std: Standard deviation of the opinions on each item, [items], in the unit of `mos`;
            gives the outlier ratio by 2 standard deviations.
        num_votes: How many people rated each item, [items] or one number; with `mos_std` gives
            the outlier ratio by the 95 % confidence interval of the mean opinion.
        seed: Of the bootstrap.
        num_resamples: Of the bootstrap, at least 1.

    Returns:
        The figures. Where a fit does not converge or a figure is not defined (e.g. constant
        predictions), it has no value and a reason.

    Raises:
        DataError: As `check_pair`; a spread or number of votes that cannot be; votes without a
            spread; no resample.

    Source:
        ITU-T P.1401 for the figures; Efron and Tibshirani, An Introduction to the Bootstrap
        (1993), chapter 13, for the intervals.

    Example:
        >>> ramp = np.arange(20.0)
        >>> found = judge(ramp, 3 + np.tanh((ramp - 9) / 4), num_resamples=100)
        >>> found["srcc"].value, found.num_items
        (1.0, 20)
    """
    first, second = check_pair(predicted, mos)
    kinds = {**FIGURES, **outlier_kinds(mos_std, num_votes, num_items=first.size)}
    figures, of_counts = _without_intervals(first, second, kinds)
    values = resampled(list(of_counts.values()), first.size, num_resamples=num_resamples, seed=seed)
    for name, column in zip(of_counts, values.T, strict=True):
        figures[name] = with_interval(figures[name], column, num_items=first.size)
    return Figures(num_items=first.size, by_name=figures)


def _without_intervals(
    predicted: Vector, mos: Vector, kinds: Mapping[str, FigureKind]
) -> tuple[dict[str, Figure], dict[str, CountsFigure]]:
    """Compute each figure, and for those that are defined how to resample them."""
    mapped: dict[Scale, Vector | DataError] = {}
    figures: dict[str, Figure] = {}
    of_counts: dict[str, CountsFigure] = {}
    for name, kind in kinds.items():
        try:
            on_its_scale = _mapped_once(mapped, predicted, mos, scale=kind.scale)
            figures[name] = Figure(value=kind.value(on_its_scale, mos), interval=None)
            of_counts[name] = kind.of_counts(on_its_scale, mos)
        except DataError as error:
            figures[name] = Figure(value=None, interval=None, reason=str(error))
    return figures, of_counts


def _mapped_once(
    mapped: dict[Scale, Vector | DataError], predicted: Vector, mos: Vector, *, scale: Scale
) -> Vector:
    """Fit each curve once, also one that fails: several figures share it."""
    if scale not in mapped:
        try:
            mapped[scale] = on_scale(predicted, mos, scale=scale)
        except DataError as error:
            mapped[scale] = error
    found = mapped[scale]
    if isinstance(found, DataError):
        raise found
    return found


def with_interval(figure: Figure, resamples: Vector, *, num_items: int) -> Figure:
    """Add the interval of a figure.

    Args:
        figure: With its value.
        resamples: The figure on each resample, [num_resamples]; NaN where it is not defined.
        num_items: How many items were drawn from.

    Returns:
        The figure with its interval, or with the reason why there is none.
    """
    defined = resamples[np.isfinite(resamples)]
    try:
        interval = percentile_interval(defined, num_resamples=resamples.size, num_items=num_items)
    except DataError as error:
        return dataclasses.replace(figure, reason=str(error))
    return dataclasses.replace(figure, interval=interval)
