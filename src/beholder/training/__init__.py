"""One loop for all methods: recipes, data, tasks, checkpoints. Needs the extra `train`."""

from __future__ import annotations

from beholder.training.fit import fit
from beholder.training.recipe import Recipe

__all__ = ["Recipe", "fit"]
