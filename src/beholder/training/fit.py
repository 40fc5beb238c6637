"""A whole run of the embedded recipe: data, training, calibration, card."""

from __future__ import annotations

import dataclasses
import functools
import logging
from pathlib import Path

import numpy as np

from beholder.evaluation.correlation import plcc, srcc
from beholder.models.embedded import EmbeddedModel
from beholder.models.start import load_start
from beholder.scoring.onnx_backend import OnnxBackend
from beholder.scoring.weights import read_model
from beholder.training.batches import Batches
from beholder.training.calibrate import make_card
from beholder.training.checkpoint import (
    CARD,
    begin_run,
    load_weights,
    open_run,
    save_weights,
)
from beholder.training.embedded_head import fit_head
from beholder.training.embedded_task import EmbeddedTask, build_embedded
from beholder.training.looks import FEATURES, TOLD, ask_once, look_once
from beholder.training.loop import run_loop
from beholder.training.material import Material, gather, model_file
from beholder.training.predict import predict
from beholder.training.recipe import Recipe
from beholder.training.tell import Tell

log = logging.getLogger(__name__)

HEAD = "head"
"""Folder of the run for the head's first lesson."""

MIN_SUBSET = 10
"""A subset of fewer photographs gets no figure of its own: it would only be noise."""


def fit(
    recipe: Recipe, *, data: Path, out: Path, resume: bool = False, progress: Tell | None = None
) -> Path:
    """Train a model after a recipe.

    Args:
        recipe: What to do.
        data: Folder with the photographs, the ladders and the starting weights.
        out: Run folder; made if missing.
        resume: Go on with the run that is in `out`.
        progress: Told how far the work is.

    Returns:
        The run folder, ready for `beholder export`.

    Raises:
        UsageError: `out` holds a run and `resume` is False.
        DataError: The data folder is not laid out as the recipe says.
        UnknownName: There is no `data.ladder_teacher`.
    """
    tell = progress or (lambda *_: None)
    begin_run(out, recipe, resume=resume)
    open_run(out / HEAD, recipe.to_json(), resume=resume)
    model = build_embedded(recipe.model)
    load_start(model, [model_file(n.strip(), data) for n in recipe.data.start.split(",")])
    teacher = _ladder_teacher(recipe, data)
    decoding = functools.partial(tell, "decoding photographs")
    material = gather(recipe, model, data=data, run=out, progress=decoding)
    parts = (material.train, material.choose, material.calibrate)
    log.info("photographs to train, choose, calibrate: %s", [len(part) for part in parts])
    looking = functools.partial(tell, "looking")
    seen = look_once(model, material, recipe, cache=out / FEATURES, progress=looking)
    if teacher:
        asking = functools.partial(tell, "asking about ladders")
        told = ask_once(teacher, material.packs, cache=out / TOLD, progress=asking)
        seen = dataclasses.replace(seen, told=told)
    teaching = functools.partial(tell, "training the head")
    fit_head(model, seen, material, recipe, run=out / HEAD, progress=teaching)
    if recipe.optim.trunk_learning_rate:
        run_loop(
            model,
            Batches(material, settings=recipe.data, view=recipe.view),
            task=EmbeddedTask(recipe),
            run=out,
            validate=functools.partial(_validate, material=material, recipe=recipe),
            progress=functools.partial(tell, "training"),
        )
        load_weights(out, model)
    model.round_to_half()
    save_weights(out, model)
    card = make_card(model.eval(), material, recipe)
    (out / CARD).write_text(card.to_json() + "\n", encoding="utf-8")
    return out


def _ladder_teacher(recipe: Recipe, data: Path) -> OnnxBackend | None:
    """Open the model that is asked about ladders; None where none is."""
    name = recipe.data.ladder_teacher
    if not name:
        return None
    return OnnxBackend(read_model(model_file(name, data)))


def _validate(model: EmbeddedModel, *, material: Material, recipe: Recipe) -> dict[str, float]:
    items = material.choose
    predicted = predict(model, material.photos.pixels, items, view=recipe.view)[:, 0]
    mos = material.photos.mos[items]
    figures = {"srcc": srcc(predicted, mos), "plcc": plcc(predicted, mos)}
    subsets = np.array([material.photos.rows[item].subset for item in items])
    for subset in np.unique(subsets):
        inside = subsets == subset
        if inside.sum() >= MIN_SUBSET:
            figures[f"srcc_{subset}"] = srcc(predicted[inside], mos[inside])
    return figures
