"""Do two correlations with the same opinions differ: tests for dependent correlations.

Both models are judged on the same items, so their correlations rise and fall together; a test that
takes them as independent would miss most differences.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from beholder.errors import DataError


@dataclass(frozen=True, kw_only=True, slots=True)
class DependentTest:
    """Result of a two-sided test; the hypothesis is that both correlations are equal."""

    statistic: float
    """Above 0 where the first correlation is higher; infinite where chance has no room left."""
    p_value: float
    """0..1."""


def williams_test(
    r_first: float, r_second: float, r_between: float, *, num_items: int
) -> DependentTest:
    """Compare two correlations that share a variable with Williams' T2.

    Args:
        r_first: Correlation of the first model with the opinions, -1..1.
        r_second: Correlation of the second model with the opinions.
        r_between: Correlation of the two models with each other.
        num_items: Number of items, at least 4.

    Returns:
        T2, which follows Student's t with `num_items - 3` degrees of freedom, and its p value. For
        rank correlations the test is approximate.

    Raises:
        DataError: A correlation out of range, three that cannot stand together, or too few items.

    Source:
        Williams, The Comparison of Regression Variables, JRSS B 21 (1959); in the form of Steiger,
        Psychological Bulletin 87 (1980), eq. 7, who recommends it.

    Example:
        >>> round(williams_test(0.4, 0.5, 0.1, num_items=103).statistic, 2)
        -0.89
    """
    determinant = _check(r_first, r_second, r_between, num_items=num_items)
    mean = (r_first + r_second) / 2
    share = 2 * (num_items - 1) / (num_items - 3)
    noise = share * determinant + mean**2 * (1 - r_between) ** 3
    weight = (num_items - 1) * (1 + r_between)
    statistic = _ratio(r_first - r_second, weight=weight, noise=noise)
    from scipy.stats import t

    return DependentTest(
        statistic=statistic, p_value=float(2 * t.sf(abs(statistic), num_items - 3))
    )


def steiger_test(
    r_first: float, r_second: float, r_between: float, *, num_items: int
) -> DependentTest:
    """Compare two correlations that share a variable with Steiger's Z on Fisher's scale.

    Args:
        r_first: Correlation of the first model with the opinions, -1..1.
        r_second: Correlation of the second model with the opinions.
        r_between: Correlation of the two models with each other.
        num_items: Number of items, at least 4.

    Returns:
        Z, which follows the standard normal law, and its p value. For rank correlations the test
        is approximate.

    Raises:
        DataError: As `williams_test`.

    Source:
        Steiger, Psychological Bulletin 87 (1980), eq. 14 with the covariance of eq. 3 at the mean
        correlation (eq. 10 for the shared variable).

    Example:
        >>> round(steiger_test(0.4, 0.5, 0.1, num_items=103).statistic, 2)
        -0.89
    """
    _check(r_first, r_second, r_between, num_items=num_items)
    square = ((r_first + r_second) / 2) ** 2
    covariance = r_between * (1 - 2 * square) - square * (1 - 2 * square - r_between**2) / 2
    # Both correlations are 1, or both -1: they do not differ, and `_ratio` needs no noise.
    shared = covariance / (1 - square) ** 2 if square < 1 else 1.0
    difference = _fisher(r_first) - _fisher(r_second) if r_first != r_second else 0.0
    statistic = _ratio(difference, weight=num_items - 3, noise=max(0.0, 2 - 2 * shared))
    return DependentTest(statistic=statistic, p_value=math.erfc(abs(statistic) / math.sqrt(2)))


def _check(r_first: float, r_second: float, r_between: float, *, num_items: int) -> float:
    """Return the determinant of the three correlations, 0 or more."""
    if num_items < 4:
        raise DataError(
            f"expected at least 4 items to compare two correlations, found {num_items}; give more"
        )
    found = (r_first, r_second, r_between)
    if not all(-1 <= value <= 1 for value in found):
        raise DataError(f"expected correlations in -1..1, found {found}; compute them again")
    determinant = 1 - r_first**2 - r_second**2 - r_between**2 + 2 * r_first * r_second * r_between
    # Ranks, and rounding, may lie a little outside of what three columns can have.
    if determinant < -1e-9:
        raise DataError(
            f"expected three correlations of the same items, found {found}, which no items can "
            "have; compute all three on the same items"
        )
    return max(0.0, determinant)


def _fisher(correlation: float) -> float:
    return (
        math.copysign(math.inf, correlation) if abs(correlation) == 1 else math.atanh(correlation)
    )


def _ratio(difference: float, *, weight: float, noise: float) -> float:
    if difference == 0:
        return 0.0
    return (
        difference * math.sqrt(weight / noise) if noise > 0 else math.copysign(math.inf, difference)
    )
