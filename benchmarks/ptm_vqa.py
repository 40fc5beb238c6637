"""What each part of PTM-VQA is worth, on cached features: one row per variant, ten splits.

    python -m benchmarks.ptm_vqa FEATURES [--rows full,ridge] [--repeats 10] [--seed 0] [--jobs 2]
    python -m benchmarks.ptm_vqa FEATURES --official --name biq2021_official --steps 2000

Splits are `evaluation.protocols.holdout_splits`: whole contents, 80/20. Each row that is done is
kept in the result, so a stopped benchmark goes on, and rows can be made one at a time. A row's
difference from `full` is tested over the repeats (paired t interval, which takes repeats as
independent though their items overlap, so read a narrow one with care).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.stats import rankdata

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import plcc, srcc
from beholder.evaluation.paired import paired_mean
from beholder.evaluation.probe import ridge_predict
from beholder.evaluation.protocols import holdout_splits, official_split, spread_of
from beholder.evaluation.split_set import locate
from beholder.models.ptm_frozen import Reduction
from beholder.pool.store import open_features
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.ptm_head import (
    PROBE_COMPONENTS,
    Items,
    fusion_weights,
    predict_items,
    train_head,
)
from beholder.training.ptm_recipe import PoolSettings
from benchmarks.record import RESULTS, write_result

COMMAND = "python -m benchmarks.ptm_vqa FEATURES"
NET = "head.kernel_share=0"
NO_ICID = ("optim.intra_weight=0", "optim.inter_weight=0")
RANKS = ("head.rank_levels=101",)
VARIANTS: dict[str, tuple[str, ...]] = {
    "full": (),
    "kernel path alone": ("head.kernel_share=1", "loop.steps=1", "loop.validate_every=1"),
    "four members alone": (NET,),
    "one member alone": (NET, "head.members=1"),
    "no ICID": NO_ICID,
    "intra only": ("optim.inter_weight=0",),
    "inter only": ("optim.intra_weight=0",),
    "four members alone; no ICID": (NET, *NO_ICID),
    "DBI weights": ("pool.weighting=dbi",),
    "uniform weights": ("pool.weighting=uniform",),
    "triplets on each model": ("optim.triplets=each",),
    "concatenated": ("head.fusion=concat", "optim.intra_weight=0"),
    "3 clusters": ("pool.num_clusters=3",),
    "9 clusters": ("pool.num_clusters=9",),
    "clusters of equal count": ("pool.bins=count",),
    "ranks": RANKS,
    "ranks; no ICID": (*RANKS, *NO_ICID),
    "ranks; members alone": (*RANKS, NET),
}
SIZES = (1, 2, 3, 4, 5, 6, 7, 8)
DBI = "pool.weighting=dbi"

_WEIGHTS: dict[tuple[PoolSettings, int], dict[str, float]] = {}

Run = Callable[[Items, Items, int], np.ndarray]
"""From training items, test items and the repeat to predictions."""


def main() -> None:
    """Make the rows asked for and print each as it is done."""
    options = _parser().parse_args()
    features = open_features(options.features)
    keys = [row.path.as_posix() for row in features.rows]
    everything = Items(
        features={name: features.features(name) for name in features.names},
        mos=features.mos,
        contents=features.content_ids,
    )
    pretexts = {name: entry.pretext for name, entry in features.entries.items()}
    if options.official:
        splits = official_split(keys, [row.split for row in features.rows], name=options.name)
    else:
        splits = holdout_splits(
            keys, features.content_ids, num_repeats=options.repeats, seed=options.seed
        )
    length = (f"loop.steps={options.steps}", f"loop.validate_every={options.steps}")
    rows = dict(_rows(everything, pretexts, length))
    wanted = options.rows.split(",") if options.rows else list(rows)
    name = f"ptm_vqa_{options.name}"
    done = _kept(name)
    parts = [locate(part, keys) for part in splits.parts]
    # Forked only once everything is read: the workers share its memory.
    task = _Task(rows, everything, parts)
    with _executor(options.jobs, task) as executor:
        for row in wanted:
            done[row] = _judge(executor, row, len(parts))
            print(row, done[row], flush=True)
            found = {"seed": options.seed, "num_items": len(keys), "rows": _with_advantage(done)}
            write_result(name, command=_command(options), figures=found)


def _rows(
    everything: Items, pretexts: dict[str, str], length: tuple[str, ...]
) -> Iterator[tuple[str, Run]]:
    for name, settings in VARIANTS.items():
        yield name, _head(length + settings, pretexts)
    yield "ridge on all", _ridge
    yield "ranks; ridge on all", _ridge_ranks
    yield "ridge on all reduced", _ridge_reduced
    for model in everything.features:
        alone = (f"pool.models={model}", *length)
        yield f"only {model}", _head(alone, pretexts)
        yield f"ranks; only {model}", _head((*RANKS, *alone), pretexts)
    for size in SIZES:
        yield f"{size} by DBI", _head((f"pool.num_models={size}", DBI, *length), pretexts)
        yield f"{size} at random", _random(size, sorted(everything.features), pretexts, length)


def _head(settings: tuple[str, ...], pretexts: dict[str, str]) -> Run:
    recipe = apply_overrides(RECIPES["ptm_vqa"](), settings)

    def run(train: Items, test: Items, repeat: int) -> np.ndarray:
        # Rows that choose and weigh models alike share the work: it takes as long as training.
        if (recipe.pool, repeat) not in _WEIGHTS:
            found = fusion_weights(train, recipe.pool, pretexts=pretexts)
            _WEIGHTS[recipe.pool, repeat] = found
        weights = _WEIGHTS[recipe.pool, repeat]
        with tempfile.TemporaryDirectory(prefix=f"ptm-{repeat}-") as folder:
            model = train_head(train, recipe, run=Path(folder), weights=weights)
        return predict_items(model, test)

    return run


def _random(size: int, models: list[str], pretexts: dict[str, str], length: tuple[str, ...]) -> Run:
    def run(train: Items, test: Items, repeat: int) -> np.ndarray:
        drawn = np.random.default_rng((repeat, size)).choice(models, size, replace=False)
        named = f"pool.models={','.join(drawn)}"
        return _head((named, DBI, *length), pretexts)(train, test, repeat)

    return run


def _ridge(train: Items, test: Items, _repeat: int) -> np.ndarray:
    joined, wanted = (np.concatenate(list(i.features.values()), axis=1) for i in (train, test))
    return ridge_predict(joined, train.mos, wanted)


def _ridge_ranks(train: Items, test: Items, repeat: int) -> np.ndarray:
    ranks = rankdata(train.mos) / len(train.mos)
    return _ridge(dataclasses.replace(train, mos=ranks), test, repeat)


def _ridge_reduced(train: Items, test: Items, repeat: int) -> np.ndarray:
    """Ridge on what the head reads: the way for many items, where all features take too long."""
    reduced: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    for name, values in train.features.items():
        reduction = Reduction(values.shape[1], PROBE_COMPONENTS)
        reduction.fit(torch.from_numpy(values))
        sides = (values, test.features[name])
        reduced[name] = tuple(reduction(torch.from_numpy(side)).numpy() for side in sides)
    return _ridge(
        *(_with_features(i, reduced, side) for side, i in enumerate((train, test))), repeat
    )


def _with_features(
    items: Items, features: dict[str, tuple[np.ndarray, np.ndarray]], side: int
) -> Items:
    return dataclasses.replace(
        items, features={name: both[side] for name, both in features.items()}
    )


class _Task(NamedTuple):
    rows: dict[str, Run]
    everything: Items
    parts: list[tuple[np.ndarray, np.ndarray]]

    def judge(self, row: str, repeat: int) -> tuple[dict[str, Any], float]:
        """Return the figures of one repeat of a row, and processor seconds."""
        cpu = time.process_time()
        train, test = self.parts[repeat]
        mos = self.everything.mos[test]
        predicted = self.rows[row](self.everything.at(train), self.everything.at(test), repeat)
        figures = {"srcc": srcc(predicted, mos), "plcc_raw": plcc(predicted, mos)}
        if len(self.parts) == 1:
            figures["interval"] = bootstrap_interval(srcc, predicted, mos)
        return figures, time.process_time() - cpu


_TASK: list[_Task] = []
"""The one task of this process, filled before any worker forks from it."""


def _executor(jobs: int, task: _Task) -> ProcessPoolExecutor:
    _TASK[:] = [task]
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork"))


def _work(row: str, repeat: int) -> tuple[dict[str, Any], float]:
    torch.set_num_threads(1)
    return _TASK[0].judge(row, repeat)


def _judge(executor: ProcessPoolExecutor, row: str, num_repeats: int) -> dict[str, Any]:
    start = time.perf_counter()
    done = list(executor.map(_work, [row] * num_repeats, range(num_repeats)))
    each = [figures for figures, _ in done]
    found: dict[str, Any] = {"srcc_each": [round(figures["srcc"], 4) for figures in each]}
    for figure in ("srcc", "plcc_raw"):
        spread = spread_of([figures[figure] for figures in each])
        found[figure] = {"median": round(spread.median, 4), "std": round(spread.std, 4)}
    if num_repeats == 1:
        found["srcc_interval"] = [round(end, 4) for end in each[0]["interval"]]
    found["seconds"] = round(time.perf_counter() - start, 1)
    found["cpu_seconds"] = round(sum(seconds for _, seconds in done), 1)
    return found


def _with_advantage(rows: dict[str, Any]) -> dict[str, Any]:
    """Add to each row how far `full` is above it, with a 95 % interval."""
    for row in rows.values():
        if "full" in rows and 1 < len(row["srcc_each"]) == len(rows["full"]["srcc_each"]):
            pair = paired_mean(rows["full"]["srcc_each"], row["srcc_each"], level=0.95)
            row["full_above"] = [round(pair.difference, 4), round(pair.half_width, 4)]
    return rows


def _command(options: argparse.Namespace) -> str:
    which = f"--official --name {options.name}" if options.official else f"--seed {options.seed}"
    return f"{COMMAND} {which} --steps {options.steps}"


def _kept(name: str) -> dict[str, Any]:
    path = RESULTS / f"{name}.json"
    if not path.is_file():
        return {}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["figures"]["rows"]
    return kept


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("features", type=Path, help="folder that pool extract made")
    parser.add_argument("--name", default="biq2021", help="of the result: ptm_vqa_NAME.json")
    parser.add_argument("--rows", help="names with commas between them; all where not given")
    parser.add_argument("--official", action="store_true", help="the makers' split, once")
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--steps", type=int, default=600, help="of each training")
    parser.add_argument("--seed", type=int, default=0, help="of the splits")
    parser.add_argument("--jobs", type=int, default=1, help="splits at a time, one core each")
    return parser


if __name__ == "__main__":
    main()
