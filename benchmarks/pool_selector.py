"""Is the Davies-Bouldin index a good selector of frozen models, and under which reading?

    python -m benchmarks.pool_selector FEATURES [--other FEATURES ...]

A selector is good when its order of the models is that of their own linear probes: SRCC of minus
the index with the probe's SRCC. Every reading is tried on one half of the contents of FEATURES; the
best there is then shown on the other half, within each subset, and on the other folders. Beside it
stand selectors that cost as little: the distance correlation with opinions, and the probe of a
quarter of the items.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from beholder.datasets.splits import group_holdout
from beholder.evaluation.correlation import srcc
from beholder.evaluation.probe import probe_srcc
from beholder.evaluation.selection import Reading, index_of
from beholder.pool.store import FeatureSet, open_features
from beholder.training.ptm_head import Items
from benchmarks.record import write_result

MIN_ITEMS = 200
MAX_ITEMS = 3000
"""Of a part; distances between all pairs of more would not fit into memory."""
READINGS = {
    f"{how}, {bins}, K={clusters}": Reading(normalise=how, bins=bins, num_clusters=clusters)
    for how, bins, clusters in product(("none", "l2", "zscore"), ("width", "count"), (2, 3, 6, 9))
} | {
    f"{how}, width, K=6, {size} components": Reading(normalise=how, num_components=size)
    for how, size in product(("none", "l2", "zscore"), (8, 32))
}
COMMAND = "python -m benchmarks.pool_selector FEATURES [--other FEATURES ...]"
Measure = Callable[[np.ndarray], float]
PAPER = "l2, width, K=6"


def all_items(found: FeatureSet) -> Items:
    """Everything that a folder of features holds."""
    features = {name: found.features(name) for name in found.names}
    return Items(features=features, mos=found.mos, contents=found.content_ids)


def probes_of(items: Items) -> dict[str, float]:
    """SRCC of each model's own linear probe."""
    return {
        name: probe_srcc(values, items.mos, contents=items.contents)
        for name, values in items.features.items()
    }


def agreement(items: Items, measure: Measure, probes: dict[str, float]) -> float:
    """SRCC over models of a measure (higher: take it) with the probes."""
    measured = [measure(items.features[name]) for name in probes]
    return round(srcc(measured, list(probes.values())), 3)


def main() -> None:
    """Choose a reading on one half, show it everywhere else, write the result."""
    options = _parser().parse_args()
    found = open_features(options.features)
    items = all_items(found)
    is_second = group_holdout(found.content_ids, 0.5, seed=0)
    first = items.at(np.flatnonzero(~is_second)[:MAX_ITEMS])
    probes = probes_of(first)
    readings = {
        name: agreement(first, _index(first.mos, reading), probes)
        for name, reading in READINGS.items()
    }
    best = max(readings, key=lambda name: readings[name])
    parts = {
        "the half it was chosen on": first,
        "the other half": items.at(np.flatnonzero(is_second)[:MAX_ITEMS]),
        **_subsets(items, found),
        **{folder.name: _unseen(open_features(folder)) for folder in options.other},
    }
    figures: dict[str, Any] = {"best": best, "readings": readings, "parts": {}}
    for name, part in parts.items():
        figures["parts"][name] = _judge(part, best)
        print(name, figures["parts"][name], flush=True)
    print(write_result("pool_selector", command=COMMAND, figures=figures))


def _judge(part: Items, best: str) -> dict[str, Any]:
    probes = probes_of(part)
    quarter = probes_of(part.at(np.arange(0, len(part.mos), 4)))
    return {
        "items": len(part.mos),
        "models": len(probes),
        "paper": agreement(part, _index(part.mos, READINGS[PAPER]), probes),
        "best reading": agreement(part, _index(part.mos, READINGS[best]), probes),
        "distance correlation": agreement(part, _distance(part.mos), probes),
        "probe of a quarter": round(srcc(list(quarter.values()), list(probes.values())), 3),
        "probes": {name: round(value, 3) for name, value in probes.items()},
    }


def _index(mos: np.ndarray, reading: Reading) -> Measure:
    return lambda features: -index_of(features, mos, reading)


def _distance(mos: np.ndarray) -> Measure:
    """Distance correlation of standardised features with opinions (Szekely et al. 2007)."""
    wanted = _centred(np.abs(mos[:, None] - mos[None]))

    def measure(features: np.ndarray) -> float:
        scaled = (features - features.mean(0)) / (features.std(0) + 1e-9)
        squares = (scaled**2).sum(1)
        distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * scaled @ scaled.T, 0))
        given = _centred(distances)
        return float(np.sum(given * wanted) / np.sqrt(np.sum(given**2) * np.sum(wanted**2)))

    return measure


def _centred(distances: np.ndarray) -> np.ndarray:
    rows = distances.mean(0)
    centred: np.ndarray = distances - rows - rows[:, None] + rows.mean()
    return centred


def _subsets(items: Items, found: FeatureSet) -> dict[str, Items]:
    """Parts by the first letters of the file, where the set tells no subset itself."""
    subsets = np.array([row.subset or row.path.name[:4] for row in found.rows])
    places = {name: np.flatnonzero(subsets == name)[:MAX_ITEMS] for name in sorted(set(subsets))}
    return {
        name: items.at(chosen)
        for name, chosen in places.items()
        if MIN_ITEMS <= len(chosen) < len(subsets)
    }


def _unseen(found: FeatureSet) -> Items:
    """The official test part, or everything where there is none."""
    test = np.flatnonzero(np.array([row.split for row in found.rows]) == "test")
    return all_items(found).at(test if len(test) else np.arange(len(found.mos))[:MAX_ITEMS])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("features", type=Path, help="folder that pool extract made")
    parser.add_argument("--other", type=Path, nargs="*", default=[], help="folders to show it on")
    return parser


if __name__ == "__main__":
    main()
