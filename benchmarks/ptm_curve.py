"""What more opinions are worth to PTM-VQA: SRCC over the number of items to learn from.

    python -m benchmarks.ptm_curve FEATURES

FEATURES holds the makers' split; only their training part is used. A fifth of it is judged on
(whole contents), the rest is learned from in growing shares, each within the next, for the same
number of epochs. The official test part stays closed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from beholder.datasets.splits import group_holdout
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import srcc
from beholder.evaluation.selection import training_places
from beholder.pool.store import open_features
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.ptm_head import Items, fusion_weights, predict_items, train_head
from benchmarks.record import write_result

SIZES = (500, 1000, 1920, 4000, 8000)
NUM_EPOCHS = 20
ROWS = {
    "full": (),
    "kernel path alone": ("head.kernel_share=1", "loop.steps=1", "loop.validate_every=1"),
}


def main() -> None:
    """Print a line for each number of items; write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("features", type=Path, help="folder that pool extract made")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    train, test = read_sides(options.features, seed=options.seed)
    order = np.random.default_rng(options.seed).permutation(len(train.mos))
    figures: dict[str, Any] = {"judged_on": len(test.mos), "sizes": {}}
    for size in [size for size in SIZES if size <= len(order)]:
        figures["sizes"][size] = judge(train.at(order[:size]), test)
        print(size, figures["sizes"][size], flush=True)
        command = "python -m benchmarks.ptm_curve FEATURES"
        write_result("ptm_curve", command=command, figures=figures)


def read_sides(folder: Path, *, seed: int) -> tuple[Items, Items]:
    """Cut the makers' training part in what is learned from and what is judged on."""
    features = open_features(folder)
    places = training_places([row.split for row in features.rows])
    held = group_holdout([features.content_ids[place] for place in places], 0.2, seed=seed)
    everything = Items(
        features={name: features.features(name) for name in features.names},
        mos=features.mos,
        contents=features.content_ids,
    )
    return everything.at(places[~held]), everything.at(places[held])


def judge(train: Items, test: Items) -> dict[str, Any]:
    """Train on some items and return SRCC, with a 95 % interval over the items judged on."""
    found = {}
    steps = NUM_EPOCHS * (len(train.mos) // 64)
    length = (f"loop.steps={steps}", f"loop.validate_every={steps}")
    for row, settings in ROWS.items():
        recipe = apply_overrides(RECIPES["ptm_vqa"](), (*length, *settings))
        weights = fusion_weights(train, recipe.pool, pretexts={})
        with tempfile.TemporaryDirectory() as run:
            model = train_head(train, recipe, run=Path(run), weights=weights)
        predicted = predict_items(model, test)
        low, high = bootstrap_interval(srcc, predicted, test.mos)
        found[row] = {
            "srcc": round(srcc(predicted, test.mos), 4),
            "interval": [round(low, 4), round(high, 4)],
        }
    return found


if __name__ == "__main__":
    main()
