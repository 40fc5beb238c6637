"""What the spatial module of coarse to fine knows of photographs: local, global, joined.

    python -m benchmarks.c2f_stills DATA --runs RUN [RUN ...]

RUNs are of `c2f_spatial_nano` with DATA and BIQ2021 among their sets, one for each seed; networks
with random weights stand beside them. A ridge regression on the features of 3,000 pictures that a
run learned from is judged on BIQ2021's official test part: on the last map's mean (local), on what
the fusion of stages made of all maps (global), and on both. Beside it stands the run's own head.
Intervals: 95 %, bootstrap over pictures. Each run takes 20 minutes, so runs that an earlier call
judged stay in the result file; the table that is printed has the mean over seeds and their range.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
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
from beholder.reports.table import to_table
from beholder.sampling import apply, plan_windows
from beholder.training.checkpoint import RECIPE, load_weights
from beholder.training.quality_fit import CACHE
from beholder.training.quality_predict import predict_quality
from beholder.training.quality_recipe import QualityRecipe
from beholder.training.quality_sets import RatedSet, open_sets
from benchmarks.record import RESULTS, write_result

COMMAND = "python -m benchmarks.c2f_stills DATA --runs RUN ..."
NAME = "c2f_stills"
NUM_LEARNED = 3000
SET = "biq2021"
OWN_HEAD = "own head"
PARTS = ("local", "global", "joined")


def main() -> None:
    """Judge every network and print the figures of all."""
    options = _parse()
    torch.set_num_threads(1)
    recipes = [QualityRecipe.from_json((run / RECIPE).read_text("utf-8")) for run in options.runs]
    rated = open_stills(recipes[0], options.data, options.runs[0] / CACHE)
    learned = np.random.default_rng(0).permutation(rated.train)[:NUM_LEARNED]
    networks = _judged_before()
    for run, recipe in zip(options.runs, recipes, strict=True):
        seed = recipe.data.seed
        if str(seed) not in networks.setdefault("random", {}):
            torch.manual_seed(seed)
            random = build(recipe.model.network)
            networks["random"][str(seed)] = judge(random, rated, learned)
        model = build(recipe.model.network)
        load_weights(run, model)
        own = predict_quality(model.eval(), rated.pixels, rated.test, view=recipe.view)
        found = {OWN_HEAD: _figure(own, rated), **judge(model, rated, learned)}
        networks.setdefault(recipe.data.sets, {})[str(seed)] = found
        print(recipe.data.sets, seed, found, flush=True)
    print(_table(networks))
    figures = {"learned": len(learned), "judged": len(rated.test), "networks": networks}
    print(write_result(NAME, command=COMMAND, figures=figures))


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
    slices = dict(zip(PARTS, (slice(half), slice(half, None), slice(None)), strict=True))
    return {
        name: _figure(ridge_predict(given[:, part], rated.mos[learned], asked[:, part]), rated)
        for name, part in slices.items()
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


def _judged_before() -> dict[str, dict[str, Any]]:
    """Return the figures of earlier calls: network to seed to figures."""
    path = RESULTS / f"{NAME}.json"
    if not path.exists():
        return {}
    networks: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))["figures"]["networks"]
    return networks


def _table(networks: dict[str, dict[str, Any]]) -> str:
    columns = (OWN_HEAD, *PARTS)
    rows = [
        (name, str(len(seeds)), *(_over_seeds(column, list(seeds.values())) for column in columns))
        for name, seeds in networks.items()
    ]
    return to_table(("trained on", "seeds", *columns), rows)


def _over_seeds(column: str, seeds: list[dict[str, Any]]) -> str:
    values = [seed[column]["srcc"] for seed in seeds if column in seed]
    if not values:
        return ""
    return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--runs", type=Path, nargs="+", required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
