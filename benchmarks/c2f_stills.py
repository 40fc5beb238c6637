"""What the spatial module of coarse to fine knows of photographs: local, global, joined.

    python -m benchmarks.c2f_stills DATA --runs RUN [RUN ...]

RUNs are of `c2f_spatial_nano` with DATA and BIQ2021 among their sets; a network with random weights
stands beside them. A ridge regression on the features of 3,000 pictures that a run learned from is
judged on BIQ2021's official test part: on the last map's mean (local), on what the fusion of stages
made of all maps (global), and on both. Beside it stands the run's own head. Intervals: 95 %,
bootstrap over pictures.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import srcc
from beholder.evaluation.probe import ridge_predict
from beholder.models.c2f_spatial import C2fSpatial, build
from beholder.recipes.c2f import c2f_spatial_nano
from beholder.records import ViewSpec
from beholder.sampling import apply, plan_windows
from beholder.training.checkpoint import load_weights
from beholder.training.quality_fit import CACHE
from beholder.training.quality_predict import predict_quality
from beholder.training.quality_recipe import QualityRecipe
from beholder.training.quality_sets import RatedSet, open_sets
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.c2f_stills DATA --runs RUN ..."
RECIPE = "recipe.json"
NUM_LEARNED = 3000
SET = "biq2021"


def main() -> None:
    """Judge every network and print its figures."""
    options = _parse()
    torch.set_num_threads(1)
    recipes = [QualityRecipe.from_json((run / RECIPE).read_text("utf-8")) for run in options.runs]
    rated = open_stills(recipes[0], options.data, options.runs[0] / CACHE)
    learned = np.random.default_rng(0).permutation(rated.train)[:NUM_LEARNED]
    figures: dict[str, Any] = {"learned": len(learned), "judged": len(rated.test)}
    torch.manual_seed(0)
    figures["random"] = judge(build(c2f_spatial_nano().model.network), rated, learned)
    print("random", figures["random"], flush=True)
    for run, recipe in zip(options.runs, recipes, strict=True):
        model = build(recipe.model.network)
        load_weights(run, model)
        own = predict_quality(model.eval(), rated.pixels, rated.test, view=recipe.view)
        found = {"own head": _figure(own, rated), **judge(model, rated, learned)}
        figures[recipe.data.sets] = found
        print(recipe.data.sets, found, flush=True)
    print(write_result("c2f_stills", command=COMMAND, figures=figures))


def open_stills(recipe: QualityRecipe, data: Path, cache: Path) -> RatedSet:
    """Open BIQ2021 in the parts of a run."""
    pairs = [pair for pair in recipe.data.sets.split(",") if pair.startswith(f"{SET}=")]
    alone = dataclasses.replace(recipe.data, sets=pairs[0])
    short_px = recipe.view.detail_short_side_px
    return open_sets(alone, data=data, cache=cache, short_px=short_px, progress=lambda *_: None)[0]


def judge(model: C2fSpatial, rated: RatedSet, learned: np.ndarray) -> dict[str, Any]:
    """Read the features of a network with a line."""
    given, asked = (features(model.eval(), rated, items) for items in (learned, rated.test))
    half = given.shape[1] // 2
    parts = {"local": slice(half), "global": slice(half, None), "joined": slice(None)}
    return {
        name: _figure(ridge_predict(given[:, part], rated.mos[learned], asked[:, part]), rated)
        for name, part in parts.items()
    }


def features(model: C2fSpatial, rated: RatedSet, items: np.ndarray) -> np.ndarray:
    """Return the mean feature of the windows of each picture, [items, D]."""
    view = c2f_spatial_nano().view
    with torch.inference_mode():
        return np.stack([_mean(model, rated.pixels[int(item)], view) for item in items])


def _mean(model: C2fSpatial, pixels: np.ndarray, view: ViewSpec) -> np.ndarray:
    height, width, _ = pixels.shape
    windows = apply(pixels, plan_windows(height, width, view), view)
    seen: Tensor = model.features(torch.from_numpy(np.stack(windows)))
    return seen.mean(0).numpy()


def _figure(predicted: np.ndarray, rated: RatedSet) -> dict[str, Any]:
    mos = rated.mos[rated.test]
    interval = bootstrap_interval(srcc, predicted, mos)
    return {
        "srcc": round(srcc(predicted, mos), 4),
        "interval": [round(end, 4) for end in interval],
    }


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
