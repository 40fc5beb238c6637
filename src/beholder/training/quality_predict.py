"""Quality of whole pictures: views as the scorer cuts them, pooled as the scorer pools them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from beholder.records import ViewSpec
from beholder.sampling import apply, plan_windows
from beholder.scoring.pooling import pool_windows
from beholder.training.quality_sets import Pixels

CHUNK = 32
"""Pictures whose views are held at a time."""


def predict_quality(
    function: Callable[[Tensor], Tensor], pixels: Pixels, items: np.ndarray, *, view: ViewSpec
) -> np.ndarray:
    """Predict the quality of pictures.

    Args:
        function: Maps views float32 [B, 3, H, W] to [B, 1].
        pixels: Where the items are.
        items: Places of the wanted pictures.
        view: Gives windows, mean and deviation.

    Returns:
        float64 [items].
    """
    results: list[float] = []
    for start in range(0, len(items), CHUNK):
        pictures = [pixels[int(item)] for item in items[start : start + CHUNK]]
        results += _predict_some(function, pictures, view)
    return np.array(results)


def _predict_some(
    function: Callable[[Tensor], Tensor], pictures: Sequence[np.ndarray], view: ViewSpec
) -> list[float]:
    views = [apply(p, plan_windows(p.shape[0], p.shape[1], view), view) for p in pictures]
    flat = [one for several in views for one in several]
    raw = np.empty(len(flat))
    by_size: dict[tuple[int, ...], list[int]] = {}
    for place, one in enumerate(flat):
        by_size.setdefault(one.shape, []).append(place)
    with torch.inference_mode():
        for places in by_size.values():
            # Always float32: bfloat16 outputs would tie.
            batch = torch.from_numpy(np.stack([flat[place] for place in places]))
            raw[places] = function(batch).float().numpy()[:, 0]
    ends = np.cumsum([len(several) for several in views])[:-1]
    return [
        pool_windows(list(part), detail_weight=view.detail_weight) for part in np.split(raw, ends)
    ]
