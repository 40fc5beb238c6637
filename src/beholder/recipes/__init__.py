"""Named runs: functions that return a recipe; a literal table, so that "go to definition" works."""

from __future__ import annotations

from collections.abc import Callable

from beholder.recipes.c2f import c2f, c2f_nano, c2f_spatial, c2f_spatial_nano
from beholder.recipes.embedded import embedded
from beholder.recipes.internvqa import (
    internvqa_distil,
    internvqa_distil_nano,
    internvqa_evaluate,
    internvqa_student,
    internvqa_student_nano,
    internvqa_teacher,
    internvqa_teacher_nano,
)
from beholder.recipes.overrides import apply_overrides
from beholder.recipes.ptm_vqa import ptm_vqa
from beholder.recipes.qmamba import qmamba, qmamba_transfer, qmamba_universal
from beholder.recipes.run import AnyRecipe, run_recipe

RECIPES: dict[str, Callable[[], AnyRecipe]] = {
    "embedded": embedded,
    "ptm_vqa": ptm_vqa,
    "qmamba": qmamba,
    "qmamba_universal": qmamba_universal,
    "qmamba_transfer": qmamba_transfer,
    "c2f_spatial": c2f_spatial,
    "c2f_spatial_nano": c2f_spatial_nano,
    "c2f": c2f,
    "c2f_nano": c2f_nano,
    "internvqa_teacher": internvqa_teacher,
    "internvqa_student": internvqa_student,
    "internvqa_distil": internvqa_distil,
    "internvqa_evaluate": internvqa_evaluate,
    "internvqa_teacher_nano": internvqa_teacher_nano,
    "internvqa_student_nano": internvqa_student_nano,
    "internvqa_distil_nano": internvqa_distil_nano,
}
"""Name to function without arguments that returns a recipe."""

__all__ = ["RECIPES", "apply_overrides", "run_recipe"]
