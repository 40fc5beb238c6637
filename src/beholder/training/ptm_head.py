"""Train one PTM-VQA head on given items: the part that runs and benchmarks share.

Axis letters: N items, M models, D features of one model.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from beholder.errors import DataError, UnknownName
from beholder.evaluation.correlation import plcc, srcc
from beholder.evaluation.davies_bouldin import (
    choose_models,
    davies_bouldin,
    inverse_weights,
    normalised,
    pseudo_clusters,
)
from beholder.evaluation.probe import probe_srcc
from beholder.models.ptm_frozen import Reduction
from beholder.models.ptm_vqa import Config, PtmVqa, build
from beholder.training.checkpoint import load_weights
from beholder.training.loop import run_loop
from beholder.training.ptm_recipe import PoolSettings, PtmRecipe
from beholder.training.ptm_task import PtmTask, ReducedBatches

PROBE_STEEPNESS = 20.0
"""Weights by probe are `exp(20 * srcc)`: 0.1 of SRCC more counts 7.4 times as much."""
PROBE_COMPONENTS = 256
"""The probe reads what the head will read; on all features it would take ten times as long."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """Rated items with their features under frozen models, in one order."""

    features: Mapping[str, np.ndarray]
    """Model to float32 [N, D]."""
    mos: np.ndarray
    """float [N], 0..1."""
    contents: tuple[str, ...]
    """Content of each item; items that share it stay on one side of a split."""

    def at(self, places: np.ndarray) -> Items:
        """Return some of the items."""
        features = {name: values[places] for name, values in self.features.items()}
        contents = tuple(self.contents[place] for place in places)
        return Items(features=features, mos=self.mos[places], contents=contents)


def fusion_weights(
    items: Items, settings: PoolSettings, *, pretexts: Mapping[str, str]
) -> dict[str, float]:
    """Choose models and weigh them, by the training items alone.

    Args:
        items: Training items.
        settings: How to choose and to weigh.
        pretexts: Model to its pre-task, where it is known.

    Returns:
        Model to weight, in the order of choice; the weights sum to 1.

    Raises:
        UnknownName: `settings.models` names one without features.
        DataError: Features that have no index under any reading.
    """
    named = tuple(name.strip() for name in settings.models.split(",") if name.strip())
    unknown = sorted(set(named) - set(items.features))
    if unknown:
        raise UnknownName(
            f"expected models among {', '.join(items.features)}, found {', '.join(unknown)}"
        )
    names = named or tuple(items.features)
    if not named and settings.num_models:
        indices = _indices(items, settings, names)
        names = choose_models(indices, pretexts, num_models=settings.num_models)
    if settings.weighting == "probe":
        return _probe_weights(items, names)
    if settings.weighting == "uniform":
        return dict.fromkeys(names, 1 / len(names))
    weights = inverse_weights(list(_indices(items, settings, names).values()))
    return {name: float(w) for name, w in zip(names, weights, strict=True) if w > 0}


def _indices(items: Items, settings: PoolSettings, names: Sequence[str]) -> dict[str, float]:
    clusters = pseudo_clusters(items.mos, num_clusters=settings.num_clusters, bins=settings.bins)
    return {
        name: davies_bouldin(normalised(items.features[name], settings.normalise), clusters)
        for name in names
    }


def _probe_weights(items: Items, names: Sequence[str]) -> dict[str, float]:
    probes = np.array([_probe(items, name) for name in names])
    weights = np.exp(PROBE_STEEPNESS * (probes - probes.max()))
    return dict(zip(names, (weights / weights.sum()).tolist(), strict=True))


def _probe(items: Items, name: str) -> float:
    features = torch.from_numpy(np.ascontiguousarray(items.features[name], np.float32))
    reduction = Reduction(features.shape[1], PROBE_COMPONENTS)
    reduction.fit(features)
    reduced = reduction(features).numpy()
    return probe_srcc(reduced, items.mos, contents=items.contents, num_folds=3)


@contextlib.contextmanager
def _tiny_as_zero() -> Iterator[None]:
    """Take numbers too small for full precision as zero, here and nowhere else.

    Adam squares gradients that are near zero already; such numbers take the processor more than
    twice the time of all others.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@_tiny_as_zero()
def train_head(
    items: Items,
    recipe: PtmRecipe,
    *,
    run: Path,
    weights: Mapping[str, float],
    watched: Items | None = None,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> PtmVqa:
    """Train a head; its averaged weights end in the run folder too.

    Args:
        items: To learn from.
        recipe: Sizes, loss, length.
        run: Folder for weights, state and log; goes on from a state that is there.
        weights: Models that take part, with their weight in the fusion.
        watched: Items on which validations are made; without them the last weights are kept.
        progress: Called after each step with its number and their total.

    Returns:
        The network in evaluation mode.

    Raises:
        DataError: Features that are not finite.
    """
    torch.set_num_threads(recipe.loop.threads)
    torch.manual_seed(recipe.pool.seed)
    model = build(_config(items, recipe, weights))
    mos = torch.from_numpy(items.mos.astype(np.float32))
    reduced = model.fit_frozen(_views(items, model), mos)
    clusters = pseudo_clusters(
        items.mos, num_clusters=recipe.pool.num_clusters, bins=recipe.pool.bins
    )
    batches = ReducedBatches(
        reduced.transpose(0, 1).contiguous(),
        mos=model.target(mos).numpy(),
        clusters=clusters,
        batch=recipe.optim.batch,
        seed=recipe.pool.seed,
    )
    run_loop(
        model,
        batches,
        task=PtmTask(recipe),
        run=run,
        validate=lambda average: _validate(average, watched),
        progress=progress,
    )
    load_weights(run, model)
    return model.eval()


def predict_items(model: PtmVqa, items: Items) -> np.ndarray:
    """Predict the opinion of each item, float64 [N]; its features are those of `model.config`."""
    with torch.inference_mode():
        quality: Tensor = model(_views(items, model))
    return quality[:, 0].double().numpy()


def _views(items: Items, model: PtmVqa) -> list[Tensor]:
    views = []
    for name in model.config.models:
        values = items.features[name]
        if not np.isfinite(values).all():
            raise DataError(
                f"expected finite features of {name!r}, found {int((~np.isfinite(values)).sum())} "
                "numbers that are not; extract them again or leave the model out"
            )
        views.append(torch.from_numpy(np.ascontiguousarray(values, np.float32)))
    return views


def _config(items: Items, recipe: PtmRecipe, weights: Mapping[str, float]) -> Config:
    sizes = dataclasses.asdict(recipe.head)
    if not recipe.head.kernel_share:
        sizes["landmarks"] = 0
    return Config(
        models=tuple(weights),
        dims=tuple(items.features[name].shape[1] for name in weights),
        weights=tuple(weights.values()),
        **{**sizes, "landmarks": min(sizes["landmarks"], len(items.mos))},
    )


def _validate(model: PtmVqa, watched: Items | None) -> dict[str, float]:
    if watched is None:
        return {}
    predicted = predict_items(model, watched)
    return {"srcc": srcc(predicted, watched.mos), "plcc": plcc(predicted, watched.mos)}
