"""Where in a picture a network of single frames sees damage: no gradients, only its own scores.

Axis letters: H height, W width, N windows, R rows of cells, S columns of cells.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from beholder.errors import UsageError
from beholder.records import ViewSpec
from beholder.sampling import normalise, resize

_MULTIPLES = 4
"""Side of a window in the network's multiples; even, so that half of it fits too."""
_LEVEL_WEIGHT = 0.5
"""Share of a window's own level beside what distance hides; tried on 11 contents of ladders."""
_BATCH = 16
_MOST_WINDOWS = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class DamageMap:
    """Damage of the cells of a picture."""

    points: np.ndarray
    """float [R, S]: points of the score that a part loses; up to 0 where nothing is wrong."""
    cell_px: float
    """Side of a cell in pixels of the picture; the last row and column may be cut."""


def map_damage(
    pixels: np.ndarray, view: ViewSpec, *, run: Callable[[np.ndarray], np.ndarray]
) -> DamageMap:
    """Score overlapping windows of a picture, near and from twice the distance.

    Scores of windows alone point to sky and to what is out of focus, which is no damage. But
    distance hides damage and leaves the content: what a window gains when it is shrunk to half
    its size, and how far it lies below the picture's mean, add up to its damage.

    Args:
        pixels: uint8 [H, W, 3]; a picture with a shorter side above `view.detail_short_side_px` is
            shrunk to it first.
        view: How the network looks at a frame.
        run: From views, float32 [N, 3, h, w], to scores of 0..100 that are not cut off, [N].

    Raises:
        UsageError: The picture is smaller than a window.
    """
    side = _MULTIPLES * view.size_multiple_px
    shrink = max(1.0, min(pixels.shape[:2]) / view.detail_short_side_px)
    height, width = (round(length / shrink) for length in pixels.shape[:2])
    if min(height, width) < side:
        raise UsageError(
            f"expected a picture of at least {side} x {side} to map its damage, found "
            f"{width} x {height}; enlarge it or take a larger one"
        )
    planes = resize(pixels, height_px=height, width_px=width)
    seen = np.rint(planes.transpose(1, 2, 0)).astype(np.uint8)
    step = max(side // 2, math.ceil(math.sqrt(height * width / _MOST_WINDOWS)))
    places = [
        (top, left) for top in _starts(height, side, step) for left in _starts(width, side, step)
    ]
    near = _score(seen, places, view, run=run, side=side, out=side)
    far = _score(seen, places, view, run=run, side=side, out=side // 2)
    damage = far - near + _LEVEL_WEIGHT * (near.mean() - near)
    points = _spread(damage, places, shape=(height, width), side=side, cell=side // 2)
    return DamageMap(points=points, cell_px=side // 2 * shrink)


def _starts(length: int, side: int, step: int) -> list[int]:
    """Begin windows every `step` pixels, and one at the end."""
    count = math.ceil((length - side) / step) + 1
    return [round(number * (length - side) / max(count - 1, 1)) for number in range(count)]


def _score(
    seen: np.ndarray,
    places: list[tuple[int, int]],
    view: ViewSpec,
    *,
    run: Callable[[np.ndarray], np.ndarray],
    side: int,
    out: int,
) -> np.ndarray:
    scores = []
    for first in range(0, len(places), _BATCH):
        views = [
            resize(seen[top : top + side, left : left + side], height_px=out, width_px=out)
            for top, left in places[first : first + _BATCH]
        ]
        scores.append(run(normalise(np.stack(views), view)))
    return np.concatenate(scores).astype(np.float64)


def _spread(
    damage: np.ndarray,
    places: list[tuple[int, int]],
    *,
    shape: tuple[int, int],
    side: int,
    cell: int,
) -> np.ndarray:
    """Give each cell the mean of the windows that cover its middle."""
    middles = [np.minimum(np.arange(0, length, cell) + cell / 2, length - 1) for length in shape]
    tops, lefts = np.array(places).T
    down = np.abs(middles[0][:, None] - (tops + side / 2)) <= side / 2
    right = np.abs(middles[1][:, None] - (lefts + side / 2)) <= side / 2
    covers = (down[:, None] & right[None]).astype(np.float64)
    spread: np.ndarray = (covers @ damage) / covers.sum(axis=2)
    return spread
