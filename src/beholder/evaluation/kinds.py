"""The table of figures: on which scale each is computed, and how it is resampled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from beholder.errors import UnknownName
from beholder.evaluation.correlation import krcc, plcc, rmse, srcc
from beholder.evaluation.logistic import fit_logistic
from beholder.evaluation.pairs import Vector
from beholder.evaluation.resample import (
    CountsFigure,
    krcc_of_counts,
    plcc_of_counts,
    rmse_of_counts,
    srcc_of_counts,
)

Scale = Literal["raw", "fitted", "fitted5"]
"""As predicted; after the VQEG logistic with 4 parameters; after the one with 5."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureKind:
    """What a figure's name stands for."""

    scale: Scale
    value: Callable[[Vector, Vector], float]
    of_counts: Callable[[Vector, Vector], CountsFigure]
    is_error: bool = False
    """True where lower is better."""


def _plcc(scale: Scale) -> FigureKind:
    return FigureKind(scale=scale, value=plcc, of_counts=plcc_of_counts)


def _rmse(scale: Scale) -> FigureKind:
    return FigureKind(scale=scale, value=rmse, of_counts=rmse_of_counts, is_error=True)


FIGURES: dict[str, FigureKind] = {
    "srcc": FigureKind(scale="raw", value=srcc, of_counts=srcc_of_counts),
    "krcc": FigureKind(scale="raw", value=krcc, of_counts=krcc_of_counts),
    "plcc_raw": _plcc("raw"),
    "rmse_raw": _rmse("raw"),
    "plcc_fitted": _plcc("fitted"),
    "rmse_fitted": _rmse("fitted"),
    "plcc_fitted5": _plcc("fitted5"),
    "rmse_fitted5": _rmse("fitted5"),
}


def figure_kind(name: str) -> FigureKind:
    """Look a figure up.

    Raises:
        UnknownName: No figure of that name.
    """
    if name not in FIGURES:
        raise UnknownName(f"no figure {name!r}; choose one of {', '.join(FIGURES)}")
    return FIGURES[name]


def on_scale(predicted: Vector, mos: Vector, *, scale: Scale) -> Vector:
    """Map predictions to the scale on which a figure is computed.

    Args:
        predicted: What a model says, [items].
        mos: What people say, [items].
        scale: Raw changes nothing.

    Returns:
        float64 [items].

    Raises:
        DataError: As `fit_logistic`, e.g. the fit does not converge.
    """
    if scale == "raw":
        return predicted
    fit = fit_logistic(predicted, mos, num_parameters=4 if scale == "fitted" else 5)
    return fit.curve(predicted)
