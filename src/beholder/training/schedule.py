"""Learning rates over a run, as shares of their peak."""

from __future__ import annotations

import math

from beholder.training.recipe import LoopSettings


def cosine_share(step: int, loop: LoopSettings) -> float:
    """Return the share of the peak rate at a step after the head's steps: from 1 down to 0.01."""
    done = (step - loop.head_steps) / max(1, loop.steps - loop.head_steps)
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, done))))
