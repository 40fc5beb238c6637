"""The monotone map from a model's scale to the scale of opinions, as VQEG uses it.

VQA papers report PLCC and RMSE after this fit. It is made on the very items that are then judged,
so it flatters by a few parameters' worth; ranks (SRCC, KRCC) do not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.pairs import Vector, check_pair, check_varies, check_vector

MAX_EVALUATIONS = 20_000
"""Straight data push the curve's middle far away before the error stops falling."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LogisticFit:
    """A fitted curve. Judge the curve, not the parameters: on straight data these run far off."""

    parameters: tuple[float, ...]
    """4 or 5 numbers, of the predictions after `(x - center) / spread`."""
    center: float
    """Mean of the predictions that were fitted."""
    spread: float
    """Standard deviation of the predictions that were fitted."""

    def curve(self, predicted: npt.ArrayLike) -> Vector:
        """Map predictions to the scale of opinions.

        Args:
            predicted: Model outputs on the scale that was fitted, [items].

        Returns:
            float64 [items], in the unit of the fitted opinions.

        Raises:
            DataError: Not a row of finite numbers.
        """
        values = check_vector(predicted, "predicted", min_items=1)
        return _curve((values - self.center) / self.spread, np.array(self.parameters))


def fit_logistic(
    predicted: npt.ArrayLike, mos: npt.ArrayLike, *, num_parameters: Literal[4, 5] = 4
) -> LogisticFit:
    """Fit the VQEG logistic by least squares.

    With 4 parameters: `b2 + (b1 - b2) / (1 + exp(-(x - b3) / |b4|))`. With 5 parameters:
    `b1 * (1/2 - 1 / (1 + exp(b2 * (x - b3)))) + b4 * x + b5`.

    Args:
        predicted: Model outputs, any scale, [items], more items than parameters.
        mos: Opinions in the data set's own unit, [items].
        num_parameters: 4 (monotone) or 5 (adds a line, may bend back).

    Returns:
        The curve; `plcc(fit.curve(predicted), mos)` is the fitted PLCC.

    Raises:
        DataError: As `check_pair`; constant predictions or opinions; another number of parameters;
            or the solver did not converge.

    Source:
        4: VQEG FR-TV Phase I final report (2000). 5: Sheikh, Sabir and Bovik, IEEE TIP 15 (2006),
            eq. 10.

    Example:
        >>> line = np.linspace(0, 1, 9)
        >>> bool(np.allclose(fit_logistic(line, 1 + 4 * line).curve(line), 1 + 4 * line, atol=0.05))
        True
    """
    from scipy.optimize import least_squares

    if num_parameters not in (4, 5):
        raise DataError(
            f"expected a logistic with 4 or 5 parameters, found {num_parameters}; choose one"
        )
    first, second = check_pair(predicted, mos, min_items=num_parameters + 1)
    check_varies(first, "predicted")
    check_varies(second, "mos")
    center, spread = float(first.mean()), float(first.std())
    standard = (first - center) / spread

    def residuals(parameters: Vector) -> Vector:
        return _curve(standard, parameters) - second

    start = _start(standard, second, num_parameters=num_parameters)
    found = least_squares(residuals, start, method="lm", max_nfev=MAX_EVALUATIONS)
    if not found.success:
        raise DataError(
            f"expected the logistic fit to converge, found no end after {found.nfev} evaluations; "
            "report figures without the fit"
        )
    return LogisticFit(parameters=tuple(map(float, found.x)), center=center, spread=spread)


def _start(standard: Vector, mos: Vector, *, num_parameters: int) -> Vector:
    rising = float(standard @ (mos - mos.mean())) >= 0
    low, high = float(mos.min()), float(mos.max())
    if num_parameters == 4:
        top, bottom = (high, low) if rising else (low, high)
        return np.array([top, bottom, 0.0, 0.5])
    return np.array([high - low, 1.0 if rising else -1.0, 0.0, 0.0, float(mos.mean())])


def _curve(standard: Vector, parameters: Vector) -> Vector:
    from scipy.special import expit

    if parameters.size == 4:
        top, bottom, middle, width = parameters
        # A width of 0 is a step: wide enough to divide by, too narrow to see.
        mapped = bottom + (top - bottom) * expit((standard - middle) / max(abs(width), 1e-9))
    else:
        height, slope, middle, line, offset = parameters
        mapped = height * (0.5 - expit(-slope * (standard - middle))) + line * standard + offset
    return np.asarray(mapped, dtype=np.float64)
