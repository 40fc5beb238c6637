"""Ablation of coarse to fine on compression ladders, VMAF as the label: 24 arms, three seeds.

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
from collections.abc import Sequence
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
from beholder.training.c2f_clips import Clips, open_clips, open_features, predict_clips
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
STEPS = 200
"""Of 16 clips, four contents in each of four groups; of 32 where two clips of each are drawn."""

MIN_GAP = 0.02
"""Neighbouring rungs whose VMAF differs by less than two points are not asked for."""

CONTRASTS = (
    ("terms", ("coarse", "both"), ("none", "fine")),
    ("terms", ("fine", "both"), ("none", "coarse")),
    ("terms", ("both",), ("none",)),
    ("fusion", ("transformer",), ("mean",)),
    ("start", ("pretrained",), ("random",)),
)
"""Factor, arms that have it, arms that lack it: all else is averaged over."""

Ladders = dict[str, list[Row]]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Arm:
    """One way to train."""

    terms: str
    fusion: str
    start: str
    num_clips: int = 1
    """Of each content and group in a batch."""

    @property
    def name(self) -> str:
        more = "" if self.num_clips == 1 else f"-{self.num_clips}clips"
        return f"{self.start}-{self.fusion}-{self.terms}{more}"


ARMS = [
    *(
        Arm(terms=terms, fusion=fusion, start=start)
        for start, fusion, terms in itertools.product(STARTS, FUSIONS, TERMS)
    ),
    # With two clips the rank term also sees pairs of one content, by two codecs.
    *(
        Arm(terms=terms, fusion="transformer", start=start, num_clips=2)
        for start, terms in itertools.product(STARTS, TERMS)
    ),
]


def main() -> None:
    """Run the arms that are not there yet, then write the result."""
    parser = build_parser(__doc__)
    parser.add_argument("--name", default="c2f", help="of the result")
    options = parser.parse_args()
    torch.set_num_threads(1)
    ladders = read_ladders(options)
    for start in STARTS:
        if any(not _done(options.work, arm, seed) for arm, seed in _runs(start)):
            material = gather(ladders, options, start)
            for arm, seed in _runs(start):
                if not _done(options.work, arm, seed):
                    _train(arm, seed, material, ladders, options)
    figures = summarise(ladders["test"], options.work)
    print(write_result(options.name, command=COMMAND, figures=figures))


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
            view=c2f_nano().view,
            progress=lambda *_: None,
        )
        seen = EverySecondFrame(clips)
        features.append(open_features(model, seen, folder, progress=lambda *_: None))
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


class EverySecondFrame:
    """Half the frames of clips: half the time, and half a second hardly changes."""

    def __init__(self, clips: Clips) -> None:
        self._clips = clips

    def __getitem__(self, item: int) -> np.ndarray:
        return self._clips[item][:, ::2]

    def __len__(self) -> int:
        return len(self._clips)


def recipe(arm: Arm | None = None, *, seed: int = 0, spatial: str = "") -> C2fRecipe:
    """Return the recipe of an arm."""
    base = c2f_nano()
    view = dataclasses.replace(base.view, min_frames=4, max_frames=4)
    base = dataclasses.replace(base, view=view)
    num_clips = 1 if arm is None else arm.num_clips
    data = dataclasses.replace(base.data, seed=seed, spatial=spatial, num_clips=num_clips)
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
        optim=dataclasses.replace(
            base.optim, learning_rate=1e-3, coarse_weight=coarse, fine_weight=fine
        ),
        loop=dataclasses.replace(base.loop, steps=STEPS),
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
    # Its features are known; here it would only be copied, averaged and saved.
    model.spatial = nn.Identity()  # type: ignore[assignment]
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
    """Return the trained model of a run, without spatial module."""
    from beholder.training.checkpoint import load_weights

    model = start_c2f(recipe(arm, seed=seed), data=Path())
    model.spatial = nn.Identity()  # type: ignore[assignment]
    load_weights(run_folder(work, arm, seed), model)
    return model.eval()


def summarise(rows: Sequence[Row], work: Path) -> dict[str, Any]:
    """Compute the figures of every arm, and what each factor adds."""
    runs = {
        arm: [np.load(run_folder(work, arm, seed) / "test.npy") for seed in SEEDS]
        for arm in ARMS
        if all(_done(work, arm, seed) for seed in SEEDS)
    }
    contents = Contents(rows)
    arms = {arm.name: contents.judge(predicted) for arm, predicted in runs.items()}
    effects = {}
    for num_clips, (factor, level, other) in itertools.product((1, 2), CONTRASTS):
        alike = {arm: each for arm, each in runs.items() if arm.num_clips == num_clips}
        first, second = (
            [one for arm, each in alike.items() if getattr(arm, factor) in names for one in each]
            for names in (level, other)
        )
        if first and len(first) == len(second):
            key = f"{'+'.join(level)} - {'+'.join(other)}"
            effects[f"{key}{', 2 clips' * (num_clips - 1)}"] = contents.judge(first, second)
    return {
        "arms": arms,
        "effects": effects,
        "num_contents": len(contents.members),
        "num_clips": len(rows),
    }


class Contents:
    """The test clips, content by content."""

    def __init__(self, rows: Sequence[Row]) -> None:
        names = list(dict.fromkeys(row.content_id for row in rows))
        self.members = np.array(
            [[i for i, row in enumerate(rows) if row.content_id == name] for name in names]
        )
        self._mos = np.array([row.mos for row in rows])
        self._codecs = np.array([row.codec for row in rows])

    def judge(
        self, runs: Sequence[np.ndarray], others: Sequence[np.ndarray] = ()
    ) -> dict[str, Any]:
        """Average figures over runs [items]; with others, tell how much the runs have more."""
        single = {"srcc_within_content": self._within, "neighbour_accuracy": self._neighbours}
        result: dict[str, Any] = {"srcc": self._judge_pooled(runs, others)}
        for name, figure in single.items():
            values = [figure(one) for one in runs]
            less = [figure(one) for one in others] or [np.zeros(len(self.members))]
            more = np.mean(values, axis=0) - np.mean(less, axis=0)
            result[name] = {
                "value": round(float(more.mean()), 4),
                "interval": _round(bootstrap_interval(np.mean, more)),
            }
            if not others:
                result[name]["runs"] = _round([float(one.mean()) for one in values])
        return result

    def _judge_pooled(
        self, runs: Sequence[np.ndarray], others: Sequence[np.ndarray]
    ) -> dict[str, Any]:
        def pooled(members: np.ndarray) -> float:
            more, less = (
                [srcc(one[members.ravel()], self._mos[members.ravel()]) for one in side] or [0.0]
                for side in (runs, others)
            )
            return float(np.mean(more) - np.mean(less))

        interval = bootstrap_interval(pooled, self.members, num_resamples=200)
        result = {"value": round(pooled(self.members), 4), "interval": _round(interval)}
        if not others:
            result["runs"] = _round([srcc(one, self._mos) for one in runs])
        return result

    def _within(self, predicted: np.ndarray) -> np.ndarray:
        """Return SRCC inside each content."""
        return np.array([srcc(predicted[each], self._mos[each]) for each in self.members])

    def _neighbours(self, predicted: np.ndarray) -> np.ndarray:
        """Return each content's share of neighbouring rungs put in the order of their VMAF."""
        return np.array([self._in_order(predicted, each) for each in self.members])

    def _in_order(self, predicted: np.ndarray, members: np.ndarray) -> float:
        right = []
        for codec in np.unique(self._codecs[members]):
            rungs = members[self._codecs[members] == codec]
            rungs = rungs[np.argsort(self._mos[rungs])]
            apart = np.diff(self._mos[rungs]) >= MIN_GAP
            # Equal predictions are half right.
            right += (0.5 + 0.5 * np.sign(np.diff(predicted[rungs])[apart])).tolist()
        return float(np.mean(right))


def _round(values: Sequence[float]) -> list[float]:
    return [round(float(value), 4) for value in values]


def build_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser of what names the data."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("work", type=Path)
    for part in PARTS:
        parser.add_argument(f"--{part}", type=Path, required=True)
    parser.add_argument("--spatial", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
