"""Why a tuning wins or loses: what a linear head reads off features, and how far sets lie apart.

    python -m benchmarks.qmamba_probe WORK --biq2021 DIR --synthetic DIR --avt-ai DIR

After `benchmarks.qmamba`, with the same folders. A ridge regression of growing numbers of labelled
BIQ2021 pictures on the features of frozen networks is judged on the part held out of training, so
the test part is left alone. Beside it stands how the channels' means and spreads change from the
synthetic set, which the base was trained on, to BIQ2021: what StylePrompt is made to undo.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import srcc
from beholder.training.quality_sets import RatedSet
from benchmarks.qmamba import BASE, arguments, features, open_all, restore
from benchmarks.record import write_result

RUNS = (BASE, "transfer_style_prompt", "transfer_full")
LABELLED = (50, 200, 1000)
"""Pictures that a linear head learns from."""
STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
"""Of the ridge; chosen by fivefold cross-validation among the labelled pictures."""
COMMAND = "python -m benchmarks.qmamba_probe WORK --biq2021 DIR --synthetic DIR --avt-ai DIR"


def main() -> None:
    """Probe the base and what was made of it."""
    options = arguments(__doc__).parse_args()
    torch.set_num_threads(1)
    sets = {rated.name: rated for rated in open_all(options)}
    rated, source = sets["biq2021"], sets["synthetic"]
    figures: dict[str, Any] = {}
    for name in RUNS:
        model = restore(options.work, name)

        def read(items: np.ndarray, of: RatedSet = rated, network: Any = model) -> np.ndarray:
            return features(network, (of.pixels[int(item)] for item in items))

        figures[name] = probe(read, rated)
        if name == BASE:
            there = features(model, (source.pixels[int(i)] for i in source.held))
            figures["style"] = style(there, read(rated.held))
        print(name, figures[name], flush=True)
    print(write_result("qmamba_probe", command=COMMAND, figures=figures))


def probe(read: Callable[[np.ndarray], np.ndarray], rated: RatedSet) -> dict[str, Any]:
    """Return SRCC on the held-out part for each number of labelled pictures."""
    train = np.random.default_rng(1).permutation(rated.train)[: max(LABELLED)]
    held = rated.held
    given, asked = read(train), read(held)
    found: dict[str, Any] = {"held_items": len(held)}
    for count in LABELLED:
        predicted = ridge(given[:count], rated.mos[train[:count]], asked)
        interval = bootstrap_interval(srcc, predicted, rated.mos[held])
        value = round(srcc(predicted, rated.mos[held]), 4)
        found[str(count)] = {"srcc": value, "interval": list(interval)}
    return found


def ridge(given: np.ndarray, mos: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Fit a ridge on features [items, D] and predict others."""
    folds = np.arange(len(given)) % 5
    errors = []
    for strength in STRENGTHS:
        error = 0.0
        for fold in range(5):
            out = folds == fold
            error += ((_fit(given[~out], mos[~out], given[out], strength) - mos[out]) ** 2).sum()
        errors.append(error)
    return _fit(given, mos, asked, STRENGTHS[int(np.argmin(errors))])


def _fit(given: np.ndarray, mos: np.ndarray, asked: np.ndarray, strength: float) -> np.ndarray:
    mean, spread = given.mean(0), given.std(0) + 1e-6
    scaled = (given - mean) / spread
    gram = scaled.T @ scaled + strength * np.eye(scaled.shape[1])
    weights = np.linalg.solve(gram, scaled.T @ (mos - mos.mean()))
    predicted: np.ndarray = (asked - mean) / spread @ weights + mos.mean()
    return predicted


def style(there: np.ndarray, here: np.ndarray) -> dict[str, float]:
    """Compare channels of two sets' features [items, D]: medians over the channels."""
    spreads = np.sqrt((there.var(0) + here.var(0)) / 2) + 1e-9
    return {
        "shift_of_means_in_spreads": float(np.median(abs(there.mean(0) - here.mean(0)) / spreads)),
        "ratio_of_spreads": float(np.median(here.std(0) / (there.std(0) + 1e-9))),
    }


if __name__ == "__main__":
    main()
