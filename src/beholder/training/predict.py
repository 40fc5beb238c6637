"""Predictions of a torch model for photographs, seen as the scorer will see them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from beholder.records import ViewSpec
from beholder.sampling import apply, plan_windows

BATCH = 8


def predict(
    function: Callable[[Tensor], Tensor], pixels: np.ndarray, items: np.ndarray, *, view: ViewSpec
) -> np.ndarray:
    """Run a function of views over photographs.

    Args:
        function: Maps views float32 [B, 3, H, W] to [B, D]; a model, or its `features`.
        pixels: uint8 [N, S, S, 3], photographs of one size.
        items: Places of the wanted ones.
        view: Gives mean and deviation.

    Returns:
        float32 [items, D].
    """
    results = []
    # Always float32: bfloat16 outputs would tie, and calibrate another model than the exported one.
    with torch.inference_mode():
        for start in range(0, len(items), BATCH):
            chunk = [pixels[item] for item in items[start : start + BATCH]]
            views = np.stack([_whole(photo, view) for photo in chunk])
            tensor = torch.from_numpy(views).contiguous(memory_format=torch.channels_last)
            results.append(function(tensor).numpy())
    return np.concatenate(results)


def _whole(photo: np.ndarray, view: ViewSpec) -> np.ndarray:
    """Return the one view of a photograph that `Recipe` makes sure has no details."""
    height_px, width_px, _ = photo.shape
    (window,) = plan_windows(height_px, width_px, view)
    return apply(photo, [window], view)[0]
