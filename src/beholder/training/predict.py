"""Predictions of a torch model for photographs, each seen whole at its own size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from beholder.records import ViewSpec
from beholder.sampling.view import normalise
from beholder.training.photos import Photos

BATCH = 8


def predict(
    function: Callable[[Tensor], Tensor], photos: Photos, items: np.ndarray, *, view: ViewSpec
) -> np.ndarray:
    """Run a function of views over photographs.

    Args:
        function: Maps views float32 [B, 3, H, W] to [B, D]; a model, or its `features`.
        photos: Where the items are.
        items: Places of the wanted photographs.
        view: Gives mean and deviation.

    Returns:
        float32 [items, D].
    """
    results = []
    # Always float32: bfloat16 outputs would tie, and calibrate another model than the exported one.
    with torch.inference_mode():
        for start in range(0, len(items), BATCH):
            pixels = np.stack([photos.pixels[i] for i in items[start : start + BATCH]])
            views = normalise(pixels.transpose(0, 3, 1, 2).astype(np.float32), view)
            tensor = torch.from_numpy(views).contiguous(memory_format=torch.channels_last)
            results.append(function(tensor).numpy())
    return np.concatenate(results)
