"""A whole coarse-to-fine run on video: clips, groups, training, calibration, card."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from beholder.cards import ModelCard
from beholder.datasets.registry import read_dataset
from beholder.datasets.rows import Row
from beholder.datasets.splits import group_holdout
from beholder.errors import DataError
from beholder.evaluation.correlation import srcc
from beholder.evaluation.selection import training_places
from beholder.models.c2f import C2f, build
from beholder.training.c2f_clips import Views, open_clips, open_features, predict_clips
from beholder.training.c2f_groups import RungSampler, rate_groups
from beholder.training.c2f_recipe import C2fRecipe
from beholder.training.c2f_task import C2fTask, ClipBatches
from beholder.training.calibrate import fit_line, versions
from beholder.training.checkpoint import CARD, begin_run, load_weights
from beholder.training.loop import run_loop
from beholder.training.quality_recipe import named_folders
from beholder.training.tell import Tell

log = logging.getLogger(__name__)

CACHE, CLIPS = "cache", "clips.npy"

MIN_HELD = 29
"""Fewer clips give no interval with the coverage and confidence of `training.calibrate`."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Clips with opinions and groups; the parts are places in them."""

    source: Views | np.ndarray
    """Views of the clips, or their frame features [N, K, T, D]."""
    mos: np.ndarray
    """float64 [N], 0..1; for ladders VMAF over 100."""
    groups: np.ndarray
    """int64 [N], 0 for the lowest bitrates."""
    contents: Sequence[str]
    train: np.ndarray
    held: np.ndarray
    """Chooses the weights and calibrates."""


def fit_c2f(
    recipe: C2fRecipe,
    *,
    data: Path,
    out: Path,
    resume: bool = False,
    progress: Tell | None = None,
) -> Path:
    """Train the model of clips.

    Args:
        recipe: What to do.
        data: Folder with the sets and the weights of the spatial module.
        out: Run folder; made if missing.
        resume: Go on with the run that is in `out`.
        progress: Told how far the work is.

    Returns:
        The run folder, ready for `beholder export`.

    Raises:
        UsageError: `out` holds a run and `resume` is False.
        DataError: The data folder is not laid out as the recipe says, or clips carry no rate.
    """
    tell = progress or (lambda *_: None)
    begin_run(out, recipe, resume=resume)
    model = start_c2f(recipe, data=data)
    material = _gather(recipe, model, data=data, cache=out / CACHE, tell=tell)
    nn.init.constant_(model.regress.bias, float(material.mos[material.train].mean()))
    train_c2f(model, material, recipe, run=out, progress=functools.partial(tell, "training"))
    card = _card(model.eval(), material, recipe)
    (out / CARD).write_text(card.to_json() + "\n", encoding="utf-8")
    return out


def start_c2f(recipe: C2fRecipe, *, data: Path) -> C2f:
    """Build what a recipe trains, with the weights of its spatial module.

    Args:
        recipe: Names size, fusion and weights.
        data: Folder that `data.spatial` is relative to.

    Raises:
        DataError: No such weights, or those of another network.
    """
    model = rebuild_c2f(recipe)
    if recipe.data.spatial:
        path = data / recipe.data.spatial
        try:
            model.spatial.load_state_dict(load_file(path))
        except (OSError, RuntimeError, SafetensorError) as error:
            raise DataError(
                f"expected weights of c2f_spatial_{recipe.model.size} in {str(path)!r} "
                f"(data.spatial): {error}; give the model.safetensors of its run"
            ) from error
    model.spatial.requires_grad_(recipe.optim.spatial_share > 0)
    return model


def rebuild_c2f(recipe: C2fRecipe) -> C2f:
    """Build the network of a recipe with random weights."""
    return build(recipe.model.size, fusion=recipe.model.fusion, num_frames=recipe.view.max_frames)


def train_c2f(
    model: C2f,
    material: Material,
    recipe: C2fRecipe,
    *,
    run: Path,
    progress: functools.partial[None],
) -> None:
    """Train on the training part; the weights that are best on the held-out part are loaded."""
    sampler = RungSampler(
        material.groups, material.contents, places=material.train, settings=recipe.data
    )
    run_loop(
        model,
        ClipBatches(
            material.source,
            sampler,
            mos=material.mos,
            groups=material.groups,
            seed=recipe.data.seed,
        ),
        task=C2fTask(recipe),
        run=run,
        validate=functools.partial(_validate, material=material),
        progress=progress,
    )
    load_weights(run, model)


def _gather(recipe: C2fRecipe, model: C2f, *, data: Path, cache: Path, tell: Tell) -> Material:
    """Read the clips of a recipe, and their features where the spatial module is frozen."""
    rows = read_rated(recipe, data)
    groups = rate_groups(rows, recipe.data)
    contents = [row.content_id for row in rows]
    held = group_holdout(contents, recipe.data.holdout_fraction, seed=recipe.data.seed)
    if held.sum() < MIN_HELD:
        raise DataError(
            f"expected {MIN_HELD} held-out clips or more to calibrate on, found {held.sum()} of "
            f"{len(rows)}; raise data.holdout_fraction or add clips"
        )
    clips = open_clips(
        [row.path for row in rows],
        cache / CLIPS,
        view=recipe.view,
        progress=functools.partial(tell, "decoding clips"),
    )
    source: Views | np.ndarray = clips
    if not recipe.optim.spatial_share:
        looking = functools.partial(tell, "looking at frames")
        source = open_features(model, clips, cache, progress=looking)
    return Material(
        source=source,
        mos=np.array([row.mos for row in rows]),
        groups=groups,
        contents=contents,
        train=np.flatnonzero(~held),
        held=np.flatnonzero(held),
    )


def read_rated(recipe: C2fRecipe, data: Path) -> list[Row]:
    """Read the clips of every set that a recipe may learn from; test parts are left out.

    Contents of several sets are kept apart by the set's folder.
    """
    rows: list[Row] = []
    for name, folder in named_folders(recipe.data.sets):
        found = read_dataset(name, data / folder)
        chosen = [found[place] for place in training_places([row.split for row in found])]
        rows += [dataclasses.replace(r, content_id=f"{folder}/{r.content_id}") for r in chosen]
    return rows


def _validate(model: C2f, *, material: Material) -> dict[str, float]:
    predicted = predict_clips(model, material.source, material.held)
    return {"srcc": srcc(predicted, material.mos[material.held])}


def _card(model: C2f, material: Material, recipe: C2fRecipe) -> ModelCard:
    """Write down what the run knows; the held-out part fixes line and interval."""
    predicted = predict_clips(model, material.source, material.held)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    names = [name for name, _ in named_folders(recipe.data.sets)]
    label = "; VMAF over 100 stands for an opinion" if "ladder" in names else ""
    return ModelCard(
        name=recipe.name,
        task="video",
        summary=recipe.summary,
        architecture=f"c2f {recipe.model.size}, {recipe.model.fusion} over time: "
        f"{parameters / 1e6:.3f} M parameters",
        licence="Apache-2.0",
        source=f"recipe {recipe.name}; Yu et al., SwinV2 and coarse to fine, DCC 2024; spatial "
        f"module: {Path(recipe.data.spatial).name or 'random weights'}",
        trained_on=(f"{', '.join(names)}, {len(material.train):,} clips{label}",),
        view=recipe.view,
        calibration=fit_line(predicted, material.mos[material.held]),
        results=(),
        versions=versions(),
    )
