"""A whole PTM-VQA run on cached features: choice of models, training, calibration, card."""

from __future__ import annotations

import dataclasses
import functools
import logging
import shutil
from pathlib import Path

import numpy as np

from beholder.cards import ModelCard
from beholder.datasets.splits import group_holdout
from beholder.errors import DataError
from beholder.evaluation.selection import training_places
from beholder.models.ptm_vqa import CONFIG, PtmVqa
from beholder.pool.store import FeatureSet, open_features, read_facts, write_facts
from beholder.records import ViewSpec
from beholder.training.calibrate import fit_line, versions
from beholder.training.checkpoint import CARD, open_run
from beholder.training.ptm_head import Items, fusion_weights, predict_items, train_head
from beholder.training.ptm_recipe import PtmRecipe
from beholder.training.tell import Tell

log = logging.getLogger(__name__)

POOL_FILES = "pool"
"""Folder of a run for files of frozen models, next to which `beholder score` looks for them."""

MIN_HELD = 29
"""Fewer items give no interval with the coverage and confidence of `training.calibrate`."""

VIEW = ViewSpec(
    frames_per_second=0.5,
    min_frames=1,
    max_frames=16,
    overview_area_px=256 * 256,
    whole_area_px=256 * 256,
    detail_side_px=256,
    detail_short_side_px=1080,
    image_details=0,
    frame_details=0,
    detail_weight=0.0,
    size_multiple_px=32,
    mean=(0.0, 0.0, 0.0),
    std=(255.0, 255.0, 255.0),
)
"""Stands in the card because every card has one; what each frozen model sees is in pool.json."""


def fit_ptm_vqa(
    recipe: PtmRecipe,
    *,
    data: Path,
    out: Path,
    resume: bool = False,
    progress: Tell | None = None,
) -> Path:
    """Train PTM-VQA after a recipe.

    Args:
        recipe: What to do.
        data: Folder of features that `beholder pool extract` made; where its items have splits,
            only those of the training part are used.
        out: Run folder; made if missing.
        resume: Go on with the run that is in `out`.
        progress: Told how far the work is.

    Returns:
        The run folder; `beholder score --model` takes it where the features came with the facts
        about their models.

    Raises:
        UsageError: `out` holds a run and `resume` is False.
        DataError: The folder holds no such features, or too few items.
    """
    tell = progress or (lambda *_: None)
    open_run(out, recipe.to_json(), resume=resume)
    features = open_features(data)
    train, held = _parts(features, recipe)
    pretexts = {name: entry.pretext for name, entry in features.entries.items()}
    everything = Items(
        features={name: features.features(name) for name in features.names},
        mos=features.mos,
        contents=features.content_ids,
    )
    items, watched = everything.at(train), everything.at(held)
    weights = fusion_weights(items, recipe.pool, pretexts=pretexts)
    log.info("items to train, to hold out: %d, %d; weights %s", len(train), len(held), weights)
    model = train_head(
        items,
        recipe,
        run=out,
        weights=weights,
        watched=watched,
        progress=functools.partial(tell, "training"),
    )
    (out / CONFIG).write_text(model.config.to_json(), encoding="utf-8")
    _keep_pool(data, out, model)
    card = _card(model, watched, recipe, source=data.name, num_items=len(train))
    (out / CARD).write_text(card.to_json() + "\n", encoding="utf-8")
    return out


def _parts(features: FeatureSet, recipe: PtmRecipe) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of the items to learn from, and of those to validate and calibrate on."""
    places = training_places([row.split for row in features.rows])
    contents = [features.content_ids[place] for place in places]
    held = group_holdout(contents, recipe.pool.holdout_fraction, seed=recipe.pool.seed)
    if held.sum() < MIN_HELD:
        raise DataError(
            f"expected {MIN_HELD} held-out items or more to calibrate on, found {held.sum()} of "
            f"{len(places)}; raise pool.holdout_fraction or extract more"
        )
    return places[~held], places[held]


def _keep_pool(data: Path, out: Path, model: PtmVqa) -> None:
    """Write the facts about the chosen models beside the head, so that the run scores files."""
    facts = read_facts(data)
    if facts is None:
        log.warning("%s tells nothing of its models: the run cannot score files", data)
        return
    entries = {entry.name: entry for entry in facts.entries}
    chosen = tuple(entries[name] for name in model.config.models)
    write_facts(out, dataclasses.replace(facts, entries=chosen, complete=True, failed=()))
    if (data / POOL_FILES).is_dir():
        shutil.copytree(data / POOL_FILES, out / POOL_FILES, dirs_exist_ok=True)


def _card(
    model: PtmVqa, held: Items, recipe: PtmRecipe, *, source: str, num_items: int
) -> ModelCard:
    config = model.config
    shares = ", ".join(
        f"{name} {share:.3f}" for name, share in zip(config.models, config.weights, strict=True)
    )
    return ModelCard(
        name=recipe.name,
        task="image",
        summary=f"{recipe.summary} Frozen models with their weights: {shares}.",
        architecture="ptm_vqa",
        licence="Apache-2.0",
        source=f"recipe {recipe.name}; Yuan et al., PTM-VQA, CVPR 2024; frozen models: pool.json",
        trained_on=(f"features {source!r}, {num_items:,} items",),
        view=VIEW,
        calibration=fit_line(predict_items(model, held), held.mos),
        results=(),
        versions=versions(),
    )
