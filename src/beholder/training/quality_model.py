"""From a recipe, or a run folder, to the network that it trains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from beholder.backbones.checkpoints import read_checkpoint
from beholder.backbones.vmamba import convert_official
from beholder.errors import DataError, UsageError
from beholder.models.c2f_spatial import C2fSpatial
from beholder.models.c2f_swin import load_public
from beholder.models.networks import build_network
from beholder.models.qmamba import NAMES, QMamba, build
from beholder.models.tuning.apply import apply_tuning
from beholder.models.tuning.files import hash_weights
from beholder.training.c2f_fit import rebuild_c2f
from beholder.training.c2f_recipe import C2fRecipe
from beholder.training.checkpoint import read_recipe
from beholder.training.distil_recipe import DistilRecipe
from beholder.training.distil_teacher import build_network as build_clip_network
from beholder.training.embedded_task import build_embedded
from beholder.training.quality_recipe import QualityRecipe
from beholder.training.recipe import Recipe


class Start(NamedTuple):
    """A model before its first step."""

    model: nn.Module
    base: str
    """Hash of its weights before anything was added to them."""


def start_model(recipe: QualityRecipe, *, data: Path, mean: float) -> Start:
    """Build what a recipe trains, with its starting weights.

    Args:
        recipe: Names the network, the weights and the tuning.
        data: Folder that `data.start` is relative to.
        mean: Mean opinion of what it will learn from, 0..1; the first prediction of random
            weights.

    Raises:
        DataError: No such weights, or those of another network.
        UsageError: The network takes views of another size than the recipe cuts.
    """
    model = _build(recipe)
    _check_side(model, recipe.data.crop_px)
    if recipe.data.start:
        _load_start(model, data / recipe.data.start)
    elif isinstance(model, QMamba | C2fSpatial):
        nn.init.constant_(model.regress.bias, mean)
    base = hash_weights(model)
    return Start(apply_tuning(model, recipe.tuning), base)


def rebuild_network(run: Path) -> nn.Module:
    """Build the network of a run of any recipe, tuned or not, for the weights of its folder.

    Raises:
        DataError: The folder holds no recipe, or one of another version.
        UnknownName: The run holds a network that this version does not know.
    """
    try:
        return _rebuild(read_recipe(run))
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise DataError(
            f"expected a recipe that this version writes in {str(run)!r}, found another ({error}); "
            "use the version of Beholder that the run was made with, or train again"
        ) from error


def _rebuild(text: str) -> nn.Module:
    facts = json.loads(text)
    if "fusion" in facts.get("model", {}):
        return rebuild_c2f(C2fRecipe.from_json(text))
    if "lesson" in facts:
        distilled = DistilRecipe.from_json(text)
        return build_clip_network(distilled.student, distilled.data)
    if "tuning" not in facts:
        return build_embedded(Recipe.from_json(text).model)
    recipe = QualityRecipe.from_json(text)
    return apply_tuning(_build(recipe), recipe.tuning)


def _build(recipe: QualityRecipe) -> nn.Module:
    settings = recipe.model
    if settings.network in NAMES:
        return build(settings.network, drop_path=settings.drop_path)
    return build_network(settings.network)


def _load_start(model: nn.Module, path: Path) -> None:
    """Load a run's weights, or a public checkpoint's into the backbone."""
    if not path.is_file():
        raise DataError(f"expected starting weights at {str(path)!r} (data.start), found no file")
    try:
        if isinstance(model, C2fSpatial):
            _load_spatial(model, path)
        elif path.suffix == ".safetensors":
            model.load_state_dict(load_file(path))
        else:
            backbone = model.get_submodule("backbone")
            found = convert_official(read_checkpoint(path))
            missing = backbone.load_state_dict(found, strict=False)
            _check_missing(missing.missing_keys, missing.unexpected_keys)
    except (RuntimeError, AttributeError, SafetensorError) as error:
        raise DataError(f"expected weights of this network in {str(path)!r}: {error}") from error


def _load_spatial(model: C2fSpatial, path: Path) -> None:
    """Load a run's weights, or a public SwinV2 file into the stages."""
    state = load_file(path) if path.suffix == ".safetensors" else {}
    if "regress.weight" in state:
        model.load_state_dict(state)
    else:
        load_public(model.stages, path)


def _check_side(model: nn.Module, crop_px: int) -> None:
    shape = getattr(model, "view_shape", None)
    if shape is not None and shape[-1] != crop_px:
        raise UsageError(
            f"expected data.crop_px={shape[-1]}, the only size that this network takes, found "
            f"{crop_px}; take the recipe of its size, see: beholder recipes"
        )


def _check_missing(missing: list[str], unexpected: list[str]) -> None:
    # LocalMamba's gate is not in the weights of VMamba, which LQMamba may start from.
    lacking = [name for name in missing if ".gate." not in name]
    if lacking or unexpected:
        raise RuntimeError(f"missing {lacking[:3]}, unexpected {unexpected[:3]}")
