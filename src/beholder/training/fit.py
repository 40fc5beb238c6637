"""A whole run of the embedded recipe: data, split, training, calibration, card."""

from __future__ import annotations

import importlib.metadata
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from beholder.cards import Calibration, ModelCard
from beholder.datasets import biq2021
from beholder.datasets.groups import near_duplicates, read_groups
from beholder.datasets.rows import with_groups
from beholder.datasets.splits import group_holdout
from beholder.errors import UsageError
from beholder.evaluation.conformal import conformal_half_width
from beholder.evaluation.correlation import plcc, srcc
from beholder.ladders.pack import Pack, read_packs
from beholder.models.embedded import EmbeddedModel, build
from beholder.models.start import load_start
from beholder.training.batches import Batches
from beholder.training.checkpoint import CARD, RECIPE, STATE, load_weights
from beholder.training.loop import run_loop
from beholder.training.photos import Photos, open_photos
from beholder.training.predict import predict
from beholder.training.recipe import Recipe

log = logging.getLogger(__name__)

COVERAGE = 0.9

MIN_SUBSET = 10
"""A subset of fewer photographs gets no figure of its own: it would only be noise."""

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """The three parts of the official training split, as places in `Photos`."""

    train: np.ndarray
    choose: np.ndarray
    calibrate: np.ndarray


def fit(
    recipe: Recipe, *, data: Path, out: Path, resume: bool = False, progress: Progress | None = None
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
    """
    tell = progress or (lambda *_: None)
    _open_run(recipe, out, resume=resume)
    rows = [row for row in biq2021.read(data / recipe.data.photos) if row.split == "train"]
    packs = read_packs(data / recipe.data.ladders) if recipe.data.num_groups else []
    photos = open_photos(
        rows,
        side_px=recipe.data.side_px,
        cache=out / "cache" / "photos.npy",
        progress=lambda done, total: tell("decoding photographs", done, total),
    )
    torch.manual_seed(recipe.data.seed)
    model = build()
    load_start(model, data / recipe.data.start)
    parts = _split(_groups(model, photos, recipe, data), recipe)
    log.info("parts: %d, %d, %d", len(parts.train), len(parts.choose), len(parts.calibrate))
    _train(model, photos, parts, packs, recipe=recipe, run=out, tell=tell)
    load_weights(out, model)
    card = _card(recipe, _calibrate(model.eval(), photos, parts.calibrate, recipe), packs)
    (out / CARD).write_text(card.to_json() + "\n", encoding="utf-8")
    return out


def _open_run(recipe: Recipe, out: Path, *, resume: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    if (out / STATE).exists() and not resume:
        raise UsageError(
            f"expected a new run folder, found a run in {str(out)!r}; "
            "add --resume to go on with it, or give another folder"
        )
    (out / RECIPE).write_text(recipe.to_json(), encoding="utf-8")


def _groups(model: EmbeddedModel, photos: Photos, recipe: Recipe, data: Path) -> list[str]:
    """Return the near-duplicate group of each photograph, from a file or from its features."""
    if recipe.data.groups:
        groups = read_groups(data / recipe.data.groups)
        return [row.content_id for row in with_groups(photos.rows, groups)]
    items = np.arange(len(photos.rows))
    features = predict(model.features, photos, items, recipe.view)
    return [str(group) for group in near_duplicates(features - features.mean(0))]


def _split(groups: list[str], recipe: Recipe) -> Parts:
    settings = recipe.data
    held = group_holdout(groups, settings.holdout_fraction, seed=settings.seed)
    places = np.flatnonzero(held)
    chosen = group_holdout(
        [groups[i] for i in places], settings.choose_fraction, seed=settings.seed + 1
    )
    return Parts(train=np.flatnonzero(~held), choose=places[chosen], calibrate=places[~chosen])


def _train(  # noqa: PLR0913 - one call site, named arguments
    model: EmbeddedModel,
    photos: Photos,
    parts: Parts,
    packs: list[Pack],
    *,
    recipe: Recipe,
    run: Path,
    tell: Progress,
) -> None:
    if not (run / STATE).exists():
        # The head's inputs are scaled once, by the starting trunk's features.
        _standardise(model, photos, parts.train, recipe)

    def validate(average: EmbeddedModel) -> dict[str, float]:
        predicted = predict(average, photos, parts.choose, recipe.view)[:, 0]
        mos = photos.mos[parts.choose]
        figures = {"srcc": srcc(predicted, mos), "plcc": plcc(predicted, mos)}
        subsets = np.array([photos.rows[i].subset for i in parts.choose])
        for subset in np.unique(subsets):
            inside = subsets == subset
            if inside.sum() < MIN_SUBSET:
                continue
            figures[f"srcc_{subset}"] = srcc(predicted[inside], mos[inside])
        return figures

    run_loop(
        model,
        Batches(photos, parts.train, packs, settings=recipe.data, view=recipe.view),
        recipe=recipe,
        run=run,
        validate=validate,
        progress=lambda done, total: tell("training", done, total),
    )


def _standardise(model: EmbeddedModel, photos: Photos, train: np.ndarray, recipe: Recipe) -> None:
    some = train[:: max(1, len(train) // 512)]
    model.standardise(torch.from_numpy(predict(model.features, photos, some, recipe.view)))


def _calibrate(
    model: EmbeddedModel, photos: Photos, items: np.ndarray, recipe: Recipe
) -> Calibration:
    """Fit the line from output to opinion, and the interval around it, on unseen photographs."""
    raw = predict(model, photos, items, recipe.view)[:, 0].astype(np.float64)
    mos = photos.mos[items]
    slope, intercept = np.polyfit(raw, mos, 1)
    scores = 100 * np.clip(slope * raw + intercept, 0, 1)
    return Calibration(
        slope=float(slope),
        intercept=float(intercept),
        half_width=conformal_half_width(scores, 100 * mos, coverage=COVERAGE),
        coverage=COVERAGE,
        num_items=len(items),
    )


def _card(recipe: Recipe, calibration: Calibration, packs: list[Pack]) -> ModelCard:
    """Write down what the run knows about its model; measured accuracy is added at export."""
    packages = ("beholder", "torch", "lightning-fabric", "numpy", "onnx", "av")
    trained_on = ["BIQ2021 official training part (12,000 photographs; no licence stated)"]
    if packs:
        trained_on.append(
            f"{len(packs)} compression ladders of this project's making with VMAF as label"
        )
    return ModelCard(
        name=recipe.name,
        task="image",
        summary=recipe.summary,
        architecture="MobileNetV1 1.0 read at four depths, one hidden layer; 3.8 M parameters",
        licence="Apache-2.0",
        source=f"recipe {recipe.name}; trunk started from MobileNetV1 (ImageNet, Apache-2.0)",
        trained_on=tuple(trained_on),
        view=recipe.view,
        calibration=calibration,
        results=(),
        versions={name: importlib.metadata.version(name) for name in packages},
    )
