"""From a recipe to the function that trains after it."""

from __future__ import annotations

from pathlib import Path

from beholder.training.c2f_recipe import C2fRecipe
from beholder.training.distil_recipe import DistilRecipe
from beholder.training.ptm_recipe import PtmRecipe
from beholder.training.quality_recipe import QualityRecipe
from beholder.training.recipe import Recipe
from beholder.training.tell import Tell

AnyRecipe = Recipe | PtmRecipe | QualityRecipe | C2fRecipe | DistilRecipe


def run_recipe(
    recipe: AnyRecipe,
    *,
    data: Path,
    out: Path,
    resume: bool = False,
    progress: Tell | None = None,
) -> Path:
    """Train after a recipe of any kind; the `fit` functions of `training` tell more."""
    if isinstance(recipe, PtmRecipe):
        from beholder.training.ptm_fit import fit_ptm_vqa

        return fit_ptm_vqa(recipe, data=data, out=out, resume=resume, progress=progress)
    if isinstance(recipe, QualityRecipe):
        from beholder.training.quality_fit import fit_quality

        return fit_quality(recipe, data=data, out=out, resume=resume, progress=progress)
    if isinstance(recipe, C2fRecipe):
        from beholder.training.c2f_fit import fit_c2f

        return fit_c2f(recipe, data=data, out=out, resume=resume, progress=progress)
    if isinstance(recipe, DistilRecipe):
        from beholder.training.distil_fit import fit_distil

        return fit_distil(recipe, data=data, out=out, resume=resume, progress=progress)
    from beholder.training.fit import fit

    return fit(recipe, data=data, out=out, resume=resume, progress=progress)
