"""Quality of clips as the scorer takes it, one clip at a time: some networks are large."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from beholder.training.c2f_clips import Clips


@torch.inference_mode()
def predict_clips(
    function: Callable[[Tensor], Tensor], clips: Clips, items: np.ndarray
) -> np.ndarray:
    """Predict the quality of clips: the mean over their windows.

    Args:
        function: Maps views [B, T, 3, S, S] to quality [B, 1], in evaluation mode.
        clips: Where the items are.
        items: Places of the wanted clips.

    Returns:
        float64 [items].
    """
    answers = (function(torch.from_numpy(clips[int(item)])) for item in items)
    return np.array([float(answer.double().mean()) for answer in answers])
