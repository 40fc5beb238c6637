"""A whole run on rated pictures: data, training, figures of each set, calibration, card."""

from __future__ import annotations

import dataclasses
import functools
import json
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from torch import nn

from beholder.cards import ModelCard
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import plcc, srcc
from beholder.models.networks import build_network, find_paper
from beholder.models.tuning.apply import added_operations, trained_parameters
from beholder.models.tuning.files import save_tuning
from beholder.training.calibrate import fit_line, versions
from beholder.training.checkpoint import CARD, begin_run, load_weights, save_weights
from beholder.training.loop import run_loop
from beholder.training.quality_batches import CropBatches
from beholder.training.quality_model import start_model
from beholder.training.quality_predict import predict_quality
from beholder.training.quality_recipe import QualityRecipe
from beholder.training.quality_sets import RatedSet, open_sets
from beholder.training.quality_task import QualityTask
from beholder.training.tell import Tell

log = logging.getLogger(__name__)

TUNING, FIGURES = "tuning.safetensors", "figures.json"
CACHE = "cache"


def fit_quality(
    recipe: QualityRecipe,
    *,
    data: Path,
    out: Path,
    resume: bool = False,
    progress: Tell | None = None,
) -> Path:
    """Train a network on rated pictures, or adapt a trained one.

    The folder gets `figures.json`, the figures of each set's test part with intervals, taken once,
    at the end; and `tuning.safetensors`, what a tuning learned, where the base stays frozen.

    Args:
        recipe: What to do.
        data: Folder with the sets and the starting weights.
        out: Run folder; made if missing.
        resume: Go on with the run that is in `out`.
        progress: Told how far the work is.

    Returns:
        The run folder, ready for `beholder export`.

    Raises:
        UsageError: `out` holds a run and `resume` is False.
        DataError: The data folder is not laid out as the recipe says.
    """
    tell = progress or (lambda *_: None)
    begin_run(out, recipe, resume=resume)
    sets = open_sets(
        recipe.data,
        data=data,
        cache=out / CACHE,
        short_px=recipe.view.detail_short_side_px,
        progress=functools.partial(tell, "decoding pictures"),
    )
    mean = float(np.mean([rated.mos[rated.train].mean() for rated in sets]))
    start = start_model(recipe, data=data, mean=mean)
    costs = count_costs(start.model, recipe)
    log.info("%s", costs)
    if recipe.tuning.name == "none":
        save_weights(out, start.model)
    else:
        _train(start.model, sets, recipe, out, functools.partial(tell, f"training {costs}"))
    if recipe.tuning.name not in ("none", "full"):
        save_tuning(start.model, out / TUNING, settings=recipe.tuning, base=start.base)
    model = start.model.eval()
    figures = {rated.name: _judge(model, rated, recipe) for rated in sets}
    facts = {**dataclasses.asdict(costs), "test": figures}
    (out / FIGURES).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    card = _card(model, sets, recipe, costs)
    (out / CARD).write_text(card.to_json() + "\n", encoding="utf-8")
    return out


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Costs:
    """What a tuning costs."""

    trained_parameters: int
    all_parameters: int
    added_operations: int
    """More additions and multiplications for one crop."""

    def __str__(self) -> str:
        share = f"{self.trained_parameters:,} of {self.all_parameters:,} parameters"
        return f"{share}, {self.added_operations / 1e6:+.1f} MFLOP"


def count_costs(model: nn.Module, recipe: QualityRecipe) -> Costs:
    """Count what a recipe trains in a model, and what the tuning adds to it."""
    bare = build_network(recipe.model.network).eval()
    training = model.training
    added = added_operations(bare, model.eval(), side_px=recipe.data.crop_px)
    model.train(training)
    return Costs(
        trained_parameters=trained_parameters(model),
        all_parameters=sum(parameter.numel() for parameter in model.parameters()),
        added_operations=added,
    )


def _train(
    model: nn.Module,
    sets: Sequence[RatedSet],
    recipe: QualityRecipe,
    out: Path,
    progress: Callable[[int, int], None],
) -> None:
    run_loop(
        model,
        CropBatches(sets, settings=recipe.data, view=recipe.view),
        task=QualityTask(recipe),
        run=out,
        validate=functools.partial(_validate, sets=sets, recipe=recipe),
        progress=progress,
    )
    load_weights(out, model)


def _validate(
    model: nn.Module, *, sets: Sequence[RatedSet], recipe: QualityRecipe
) -> dict[str, float]:
    """Judge on the held-out parts; what decides is the mean over the sets."""
    figures = {}
    for rated in sets:
        predicted = predict_quality(model, rated.pixels, rated.held, view=recipe.view)
        figures[f"srcc_{rated.name}"] = srcc(predicted, rated.mos[rated.held])
    return {"srcc": float(np.mean(list(figures.values()))), **figures}


def _judge(model: nn.Module, rated: RatedSet, recipe: QualityRecipe) -> dict[str, object]:
    """Judge on a set's test part."""
    predicted = predict_quality(model, rated.pixels, rated.test, view=recipe.view)
    mos = rated.mos[rated.test]
    figures: dict[str, object] = {"num_items": len(mos)}
    for name, figure in (("srcc", srcc), ("plcc", plcc)):
        interval = bootstrap_interval(figure, predicted, mos)
        figures[name] = {"value": figure(predicted, mos), "interval": interval}
    return figures


def _card(
    model: nn.Module, sets: Sequence[RatedSet], recipe: QualityRecipe, costs: Costs
) -> ModelCard:
    """Write down what the run knows; held-out parts of all sets fix one line and interval."""
    parts = [predict_quality(model, rated.pixels, rated.held, view=recipe.view) for rated in sets]
    mos = np.concatenate([rated.mos[rated.held] for rated in sets])
    tuning = "" if recipe.tuning.name == "full" else f", tuned by {recipe.tuning.name}"
    return ModelCard(
        name=recipe.name,
        task="image",
        summary=recipe.summary,
        architecture=f"{recipe.model.network}{tuning}: "
        f"{costs.all_parameters / 1e6:.3f} M parameters",
        licence="Apache-2.0",
        source=f"recipe {recipe.name}; {find_paper(recipe.model.network)}; start: "
        f"{Path(recipe.data.start).name or 'random weights'}",
        trained_on=tuple(f"{rated.name}, {len(rated.train):,} pictures" for rated in sets),
        view=recipe.view,
        calibration=fit_line(np.concatenate(parts), mos),
        results=(),
        versions=versions(),
    )
