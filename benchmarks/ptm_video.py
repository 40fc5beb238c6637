"""PTM-VQA on the features of three video sets, within each and from one set to the others.

    python -m benchmarks.ptm_video FEATURES

FEATURES is the folder of `benchmarks.bvqa_features`. Three kinds of features stand in for frozen
models: BRISQUE, and VIDEVAL at full size and at 720p. They are made by hand, so they reach only so
far: no choice among many models can be shown on them. Within a set: ten 80/20 splits. Across
sets: all of KoNViD-1k to learn from, all of LIVE-VQC and of YouTube-UGC to be judged on.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import plcc, srcc
from beholder.evaluation.probe import ridge_predict
from beholder.evaluation.protocols import holdout_splits, spread_of
from beholder.evaluation.selection import rank_models
from beholder.evaluation.split_set import locate
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.ptm_head import Items, fusion_weights, predict_items, train_head
from benchmarks.bvqa_features import read_set
from benchmarks.record import write_result

SCALES = {"KONVID_1K": (1.0, 5.0), "LIVE_VQC": (0.0, 100.0), "YOUTUBE_UGC": (1.0, 5.0)}
"""Data set to the ends of its opinions."""
MODELS = ("BRISQUE", "VIDEVAL", "VIDEVAL_light720_6fps")
SMALL = ("head.reduced=32", "head.hidden=32", "head.width=16")
"""36 and 60 features hold no 256 components."""
SHORT = ("loop.steps=300", "loop.validate_every=300")
"""About as many epochs as on 1,920 photographs."""
VARIANTS = {
    "full": (),
    "no ICID": ("optim.intra_weight=0", "optim.inter_weight=0"),
    "four members alone": ("head.kernel_share=0",),
    "DBI weights": ("pool.weighting=dbi",),
    "uniform weights": ("pool.weighting=uniform",),
    **{f"only {model}": (f"pool.models={model}",) for model in MODELS},
}


def main() -> None:
    """Print a line for each set and variant; write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("features", type=Path)
    folder = parser.parse_args().features
    sets = {name: read_items(folder, name) for name in SCALES}
    figures: dict[str, Any] = {"within": {}, "across": {}, "selector": {}}
    for name, items in sets.items():
        figures["selector"][name] = _selector(items)
        figures["within"][name] = _within(items)
        print(name, figures["selector"][name], figures["within"][name], flush=True)
    for name in ("LIVE_VQC", "YOUTUBE_UGC"):
        figures["across"][name] = _across(sets["KONVID_1K"], sets[name])
        print("KONVID_1K to", name, figures["across"][name], flush=True)
    print(
        write_result(
            "ptm_video", command="python -m benchmarks.ptm_video FEATURES", figures=figures
        )
    )


def read_items(folder: Path, data_set: str) -> Items:
    """Read all kinds of features; what is not finite becomes the mean of its column."""
    features = {}
    for model in MODELS:
        keys, values, opinions = read_set(folder, data_set, model)
        finite = np.where(np.isfinite(values), values, np.nan)
        filled = np.where(np.isnan(finite), np.nanmean(finite, axis=0), finite)
        features[model] = filled.astype(np.float32)
    worst, best = SCALES[data_set]
    return Items(features=features, mos=(opinions - worst) / (best - worst), contents=tuple(keys))


def _selector(items: Items) -> dict[str, Any]:
    ranking = rank_models(items.features, items.mos, contents=items.contents, pretexts={})
    return {
        model.name: {"dbi": round(model.dbi, 2), "probe_srcc": round(model.probe_srcc, 3)}
        for model in ranking.models
    }


def _within(items: Items) -> dict[str, Any]:
    keys = [str(place) for place in range(len(items.mos))]
    parts = holdout_splits(keys, list(items.contents)).parts
    found = {}
    for name in ["ridge on all", *VARIANTS]:
        ranks, lines = [], []
        for part in parts:
            train, test = (items.at(side) for side in locate(part, keys))
            predicted = _predict(name, train, test)
            ranks.append(srcc(predicted, test.mos))
            lines.append(plcc(predicted, test.mos))
        spread = spread_of(ranks)
        found[name] = {
            "srcc": round(spread.median, 4),
            "srcc_std": round(spread.std, 4),
            "plcc_raw": round(spread_of(lines).median, 4),
        }
    return found


def _across(train: Items, test: Items) -> dict[str, Any]:
    found = {}
    for name in ["ridge on all", *VARIANTS]:
        predicted = _predict(name, train, test)
        low, high = bootstrap_interval(srcc, predicted, test.mos)
        found[name] = {
            "srcc": round(srcc(predicted, test.mos), 4),
            "interval": [round(low, 4), round(high, 4)],
        }
    return found


def _predict(name: str, train: Items, test: Items) -> np.ndarray:
    if name == "ridge on all":
        both = (np.concatenate(list(side.features.values()), axis=1) for side in (train, test))
        known, wanted = both
        return ridge_predict(known, train.mos, wanted)
    recipe = apply_overrides(RECIPES["ptm_vqa"](), [*VARIANTS[name], *SMALL, *SHORT])
    weights = fusion_weights(train, recipe.pool, pretexts={})
    with tempfile.TemporaryDirectory() as folder:
        model = train_head(train, recipe, run=Path(folder), weights=weights)
    return predict_items(model, test)


if __name__ == "__main__":
    main()
