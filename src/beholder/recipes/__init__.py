"""Named runs: functions that return a recipe; a literal table, so that "go to definition" works."""

from __future__ import annotations

from beholder.recipes.embedded import embedded
from beholder.recipes.overrides import apply_overrides

RECIPES = {"embedded": embedded}
"""Name to function without arguments that returns a `training.Recipe`."""

__all__ = ["RECIPES", "apply_overrides"]
