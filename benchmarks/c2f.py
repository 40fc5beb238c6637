"""Ablation of coarse to fine on compression ladders, VMAF as the label: 16 arms, three seeds.

    python -m benchmarks.c2f WORK --train DIR --choose DIR --test DIR --spatial FILE

DIRs are folders of `beholder ladder make`, of different contents; FILE is the `model.safetensors`
of a run of `c2f_spatial_nano`. The spatial module is frozen, pre-trained or random, and looks at
every frame once; what is trained is the fusion over time and the head. Weights are chosen on the
contents of `--choose`, and each run is judged once on those of `--test`. WORK keeps clips, features
and runs; what is there is not made again. Intervals: 95 %, bootstrap over test contents.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from beholder.datasets.registry import read_dataset
from beholder.datasets.rows import Row
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import srcc
from beholder.models.c2f import C2f
from beholder.recipes.c2f import c2f_nano
from beholder.training.c2f_clips import open_clips, open_features, predict_clips
from beholder.training.c2f_fit import Material, start_c2f, train_c2f
from beholder.training.c2f_groups import rate_groups
from beholder.training.c2f_recipe import C2fRecipe
from beholder.training.checkpoint import STATE
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.c2f WORK --train DIR --choose DIR --test DIR --spatial FILE"
PARTS = ("train", "choose", "test")
TERMS = {"none": (0.0, 0.0), "coarse": (0.1, 0.0), "fine": (0.0, 0.3), "both": (0.1, 0.3)}
"""Weights of the coarse and the fine term."""
FUSIONS = ("mean", "transformer")
STARTS = ("random", "pretrained")
SEEDS = (0, 1, 2)

MIN_GAP = 0.02
"""Neighbouring rungs whose VMAF differs by less than two points are not asked for."""

Ladders = dict[str, list[Row]]
Figure = Callable[[np.ndarray, np.ndarray], float]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One way to train."""

    terms: str
    fusion: str
    start: str

    @property
    def name(self) -> str:
        return f"{self.start}-{self.fusion}-{self.terms}"


ARMS = [
    Arm(terms=terms, fusion=fusion, start=start)
    for start, fusion, terms in itertools.product(STARTS, FUSIONS, TERMS)
]


def main() -> None:
    """Run the arms that are not there yet, then write the result."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    ladders = read_ladders(options)
    for start in STARTS:
        if any(not _done(options.work, arm, seed) for arm, seed in _runs(start)):
            material = gather(ladders, options, start)
            for arm, seed in _runs(start):
                if not _done(options.work, arm, seed):
                    _train(arm, seed, material, ladders, options)
    print(write_result("c2f", command=COMMAND, figures=summarise(ladders["test"], options.work)))


def read_ladders(options: argparse.Namespace) -> Ladders:
    """Read the rows of the three folders."""
    return {part: read_dataset("ladder", getattr(options, part)) for part in PARTS}


def gather(ladders: Ladders, options: argparse.Namespace, start: str) -> Material:
    """Open the frame features of all parts; those of the test are behind the others."""
    model = start_c2f(recipe(), data=Path())
    if start == "pretrained":
        model = start_c2f(recipe(spatial=str(options.spatial.resolve())), data=Path())
    features, groups = [], []
    for part, rows in ladders.items():
        folder = options.work / part
        clips = open_clips(
            [row.path for row in rows],
            folder / "clips.npy",
            view=recipe().view,
            progress=lambda *_: None,
        )
        features.append(open_features(model, clips, folder, progress=lambda *_: None))
        groups.append(rate_groups(rows, recipe().data))
    rows = [row for part in PARTS for row in ladders[part]]
    ends = np.cumsum([len(ladders[part]) for part in PARTS])
    return Material(
        source=np.concatenate(features),
        mos=np.array([row.mos for row in rows]),
        groups=np.concatenate(groups),
        contents=[row.content_id for row in rows],
        train=np.arange(ends[0]),
        held=np.arange(ends[0], ends[1]),
    )


def recipe(arm: Arm | None = None, *, seed: int = 0, spatial: str = "") -> C2fRecipe:
    """Return the recipe of an arm."""
    base = c2f_nano()
    data = dataclasses.replace(base.data, seed=seed, spatial=spatial)
    if arm is None:
        # One draw of random spatial weights for all seeds.
        torch.manual_seed(0)
        return dataclasses.replace(base, data=data)
    coarse, fine = TERMS[arm.terms]
    return dataclasses.replace(
        base,
        name=arm.name,
        data=data,
        model=dataclasses.replace(base.model, fusion=arm.fusion),
        optim=dataclasses.replace(base.optim, coarse_weight=coarse, fine_weight=fine),
    )


def _runs(start: str) -> list[tuple[Arm, int]]:
    return [(arm, seed) for seed in SEEDS for arm in ARMS if arm.start == start]


def run_folder(work: Path, arm: Arm, seed: int) -> Path:
    """Return the folder of a run."""
    return work / "runs" / f"{arm.name}-{seed}"


def _done(work: Path, arm: Arm, seed: int) -> bool:
    return (run_folder(work, arm, seed) / "test.npy").exists()


def _train(
    arm: Arm, seed: int, material: Material, ladders: Ladders, options: argparse.Namespace
) -> None:
    run = run_folder(options.work, arm, seed)
    run.mkdir(parents=True, exist_ok=True)
    chosen = recipe(arm, seed=seed)
    torch.manual_seed(seed)
    model = start_c2f(chosen, data=Path())
    nn.init.constant_(model.regress.bias, float(material.mos[material.train].mean()))
    began = time.process_time()
    train_c2f(model, material, chosen, run=run, progress=lambda *_: None)
    (run / STATE).unlink()
    test = np.arange(len(material.mos) - len(ladders["test"]), len(material.mos))
    predicted = predict_clips(model.eval(), material.source, test)
    np.save(run / "test.npy", predicted)
    seconds = time.process_time() - began
    print(f"{run.name} {srcc(predicted, material.mos[test]):.4f} {seconds:.0f} s", flush=True)


def load(work: Path, arm: Arm, seed: int) -> C2f:
    """Return the trained model of a run; its spatial module is that of no run, and unused."""
    from beholder.training.checkpoint import load_weights

    model = start_c2f(recipe(arm, seed=seed), data=Path())
    load_weights(run_folder(work, arm, seed), model)
    return model.eval()


def summarise(rows: Sequence[Row], work: Path) -> dict[str, Any]:
    """Compute the figures of every arm, and what each factor adds."""
    table = {
        arm: np.stack([np.load(run_folder(work, arm, seed) / "test.npy") for seed in SEEDS])
        for arm in ARMS
        if all(_done(work, arm, seed) for seed in SEEDS)
    }
    codecs = [row.codec for row in rows]
    names = list(dict.fromkeys(row.content_id for row in rows))
    members = [[i for i, row in enumerate(rows) if row.content_id == name] for name in names]
    mos = np.array([row.mos for row in rows])
    figures: dict[str, Figure] = {
        "srcc": lambda drawn, predicted: _pooled(drawn, predicted, mos),
        "srcc_within_content": lambda drawn, predicted: _within(drawn, predicted, mos),
        "neighbour_accuracy": lambda drawn, predicted: _neighbours(
            drawn, predicted, mos=mos, codecs=codecs
        ),
    }
    arms = {arm.name: _judge(members, figures, [p], [p]) for arm, p in table.items()}
    effects = {}
    for factor, level, other in _contrasts():
        first = [p for arm, p in table.items() if getattr(arm, factor) in level]
        second = [p for arm, p in table.items() if getattr(arm, factor) in other]
        if first and len(first) == len(second):
            key = f"{'+'.join(level)} - {'+'.join(other)}"
            effects[key] = _judge(members, figures, first, second, difference=True)
    return {"arms": arms, "effects": effects, "num_contents": len(names), "num_clips": len(rows)}


def _contrasts() -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    return [
        ("terms", ("coarse", "both"), ("none", "fine")),
        ("terms", ("fine", "both"), ("none", "coarse")),
        ("terms", ("both",), ("none",)),
        ("fusion", ("transformer",), ("mean",)),
        ("start", ("pretrained",), ("random",)),
    ]


def _judge(
    members: list[list[int]],
    figures: dict[str, Figure],
    first: list[np.ndarray],
    second: list[np.ndarray],
    *,
    difference: bool = False,
) -> dict[str, Any]:
    """Average figures over runs [seeds, items]; or how much the first runs have more."""
    result = {}
    for name, figure in figures.items():

        def value(drawn: np.ndarray, figure: Figure = figure) -> float:
            places = np.array([members[content] for content in drawn])
            means = [
                np.mean([figure(places, one) for runs in side for one in runs])
                for side in ((first, second) if difference else (first,))
            ]
            return float(means[0] - means[1] if difference else means[0])

        contents = np.arange(len(members))
        low, high = bootstrap_interval(value, contents, num_resamples=200)
        result[name] = {"value": round(value(contents), 4), "interval": _round((low, high))}
        if not difference:
            seeds = [figure(np.array(members), one) for one in first[0]]
            result[name]["seeds"] = _round(seeds)
    return result


def _round(values: Sequence[float]) -> list[float]:
    return [round(float(value), 4) for value in values]


def _pooled(places: np.ndarray, predicted: np.ndarray, mos: np.ndarray) -> float:
    return srcc(predicted[places.ravel()], mos[places.ravel()])


def _within(places: np.ndarray, predicted: np.ndarray, mos: np.ndarray) -> float:
    return float(np.mean([srcc(predicted[content], mos[content]) for content in places]))


def _neighbours(
    places: np.ndarray, predicted: np.ndarray, *, mos: np.ndarray, codecs: Sequence[str]
) -> float:
    """Return the share of neighbouring rungs of a codec that are put in the order of their VMAF."""
    right = []
    for content in places:
        for codec in dict.fromkeys(codecs[place] for place in content):
            rungs = [place for place in content if codecs[place] == codec]
            rungs.sort(key=lambda place: mos[place])
            for low, high in itertools.pairwise(rungs):
                if mos[high] - mos[low] >= MIN_GAP:
                    right.append(0.5 + 0.5 * np.sign(predicted[high] - predicted[low]))
    return float(np.mean(right))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("work", type=Path)
    for part in PARTS:
        parser.add_argument(f"--{part}", type=Path, required=True)
    parser.add_argument("--spatial", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
