"""How sure a score difference within one content is, and where a ladder's knee lies.

The interval of a `Score` is about people's opinion of one file, whatever it shows. Most of its
width is the content's, which all rungs of a ladder share; so differences need a measure of their
own. `docs/ladder.md` derives it and says how it was checked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from beholder.errors import DataError
from beholder.evaluation.paired import paired_mean
from beholder.records import Score

FLOOR_POINTS = 3.0
"""`floor` of the embedded model: `python -m benchmarks.ladder_knee` measures it."""
LEVEL = 0.9
"""Coverage of the uncertainty of a difference, two-sided; the same as that of a score."""
_DIGITS = 2


class Loss(NamedTuple):
    """How far a version of a content lies under another one, in points of the score."""

    points: float
    uncertainty: float
    """Half width of the 90 % interval of `points`; both have two decimals."""


@dataclass(frozen=True, slots=True)
class Knee:
    """The rung above which more bits buy nothing that the model can be sure of."""

    place: int
    """Of the knee among the rungs, from 0."""
    losses: tuple[Loss, ...]
    """Of each rung against the best one, in the order of the rungs."""


def score_loss(best: Score, other: Score, *, floor: float) -> Loss:
    """Compare two versions of one content frame by frame.

    Two independent things blur the difference: only some frames were looked at (a paired t
    interval over their linearised shares in the score), and the model does not see all kinds of
    loss alike (`floor`, measured). Their squares add.

    Args:
        best: Score of one version, with its timeline.
        other: Score of the other version: the same frames at the same places of the timeline.
        floor: Uncertainty that stays however many frames are looked at, in points.

    Raises:
        DataError: The timelines have different lengths, or the floor is below 0.
    """
    if not 0 <= floor < math.inf:
        raise DataError(f"expected a floor of at least 0 points, found {floor}; give another one")
    if len(best.timeline) != len(other.timeline):
        raise DataError(
            f"expected two versions with the same frames, found {len(best.timeline)} and "
            f"{len(other.timeline)} in {best.path!r} and {other.path!r}; compare whole encodes "
            "of one clip"
        )
    sampled = paired_mean(_shares(best), _shares(other), level=LEVEL)
    uncertainty = math.hypot(sampled.half_width, floor)
    # Rounded as scores are, so that what is shown never contradicts the choice of the knee.
    return Loss(round(best.score - other.score, _DIGITS), round(uncertainty, _DIGITS))


def find_knee(kbps: Sequence[float], scores: Sequence[Score], *, floor: float) -> Knee:
    """Find the lowest rate whose score is within the model's own uncertainty of the best.

    Args:
        kbps: Rate of each rung, in any order.
        scores: Score of each rung.
        floor: See `score_loss`.

    Raises:
        DataError: No rungs, another number of rates, or rungs of different length.
    """
    if not scores or len(kbps) != len(scores):
        raise DataError(
            f"expected a rate for each of at least one rung, found {len(kbps)} rates and "
            f"{len(scores)} scores; align them"
        )
    best = max(scores, key=lambda score: score.score)
    losses = tuple(score_loss(best, score, floor=floor) for score in scores)
    near = [place for place, loss in enumerate(losses) if loss.points <= loss.uncertainty]
    return Knee(min(near, key=lambda place: kbps[place]), losses)


def _shares(score: Score) -> npt.NDArray[np.float64]:
    """Split a score among its frames; the shares' mean is the harmonic mean of `pool_frames`.

    The first-order change of h = n / sum(1 / s) - 1 with the share of one frame in the sum (s is
    the frame's score plus one): h + (h + 1) - (h + 1)^2 / s.
    """
    inverse = 1.0 / (np.array([point.score for point in score.timeline]) + 1.0)
    pooled = 1.0 / inverse.mean()
    shares: npt.NDArray[np.float64] = 2.0 * pooled - 1.0 - pooled**2 * inverse
    return shares
