"""Learning rates over a run, as shares of their peak."""

from __future__ import annotations

import math

from beholder.training.recipe import LoopSettings


def cosine_share(step: int, loop: LoopSettings) -> float:
    """Return the share of the peak rate at a step: from 1 down to 0.01."""
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, step / loop.steps)))


def warm_cosine_share(step: int, loop: LoopSettings, *, warmup_steps: int) -> float:
    """Return `cosine_share` with a linear rise over the first `warmup_steps`."""
    return min(1.0, (step + 1) / max(1, warmup_steps)) * cosine_share(step, loop)
