"""QMamba at our scale: small networks from random weights, equal steps for all, few crops.

    python -m benchmarks.qmamba WORK --biq2021 DIR --synthetic DIR --avt-ai DIR --steps 200

Trains what is listed in `EXPERIMENTS`, one after the other, and judges each once on the test part
of its sets; WORK keeps runs and predictions, and what is there is not trained again. SYNTHETIC is
made by `benchmarks.synthetic_set`. Pictures are shrunk until their shorter side is 256 px; crops
have 56 px (14 x 14 tokens, four windows of LQMamba), and a picture's quality is the mean over four
of them, which do not depend on chance. Only the first 1,000 pictures of a test part are judged.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import plcc, srcc
from beholder.models import qmamba
from beholder.models.tuning.settings import NAMES as TUNINGS
from beholder.models.tuning.settings import TuningSettings
from beholder.records import ViewSpec
from beholder.training.checkpoint import load_weights
from beholder.training.loop import run_loop
from beholder.training.quality_batches import CropBatches
from beholder.training.quality_predict import predict_quality
from beholder.training.quality_recipe import QualityData, QualityOptim, QualityRecipe
from beholder.training.quality_sets import RatedSet, open_sets
from beholder.training.quality_task import QualityTask
from beholder.training.recipe import LoopSettings
from benchmarks.baselines import residual_network, vision_transformer
from benchmarks.record import write_result

SIDE_PX, CROP_PX, BATCH = 256, 56, 16
MOST_JUDGED = 1000
"""Pictures of a test part that are judged, from its start; all would take half of the time."""

COMMAND = (
    "python -m benchmarks.qmamba WORK --biq2021 DIR --synthetic DIR --avt-ai DIR --steps STEPS"
)

VIEW = ViewSpec(
    frames_per_second=0.5,
    min_frames=1,
    max_frames=16,
    overview_area_px=32 * 32,
    whole_area_px=32 * 32,
    detail_side_px=CROP_PX,
    detail_short_side_px=SIDE_PX,
    image_details=4,
    frame_details=4,
    detail_weight=1.0,
    size_multiple_px=8,
    mean=(123.675, 116.28, 103.53),
    std=(58.395, 57.12, 57.375),
)

NETWORKS: dict[str, Callable[[], Any]] = {
    "lqmamba_nano": lambda: qmamba.build("lqmamba_nano"),
    "qmamba_nano": lambda: qmamba.build("qmamba_nano"),
    "residual": residual_network,
    "transformer": vision_transformer,
}


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Experiment:
    """One training and the sets it is judged on."""

    name: str
    network: str
    sets: tuple[str, ...]
    tuning: str = "full"
    start: str = ""
    """Experiment whose weights are the start."""
    share: float = 1.0
    """Of the steps."""
    learning_rate: float = 3e-4


SHARES = {"biq2021": 1.0, "synthetic": 2.0}
"""Of the steps: on the synthetic set nothing was learned in 200 of them."""

RATES = {"biq2021": 2e-3, "synthetic": 3e-4}
"""Peak learning rates. The first turned out too high (on one fixed batch LQMamba's loss still jumps
at 5e-4); there was no time to run BIQ2021 again."""


def _experiments() -> list[Experiment]:
    network, base = "lqmamba_nano", "synthetic_lqmamba_nano"
    singles = [
        Experiment(
            name=f"{data}_{network}",
            network=network,
            sets=(data,),
            share=SHARES[data],
            learning_rate=RATES[data],
        )
        for data in SHARES
        for network in NETWORKS
    ]
    tuned = [
        Experiment(
            name=f"transfer_{tuning}",
            network=network,
            sets=("biq2021",),
            tuning=tuning,
            start=base,
            share=0.0 if tuning == "none" else 0.5,
        )
        for tuning in TUNINGS
    ]
    return [
        *singles,
        *tuned,
        Experiment(name="avt_ai_lqmamba_nano", network=network, sets=("avt_ai",), share=0.5),
        Experiment(
            name="universal", network=network, sets=("biq2021", "synthetic", "avt_ai"), share=2.0
        ),
    ]


EXPERIMENTS = _experiments()


def main() -> None:
    """Run the experiments that are not there yet, then write the result."""
    options = _parser().parse_args()
    torch.set_num_threads(1)
    sets = {rated.name: rated for rated in _sets(options)}
    for experiment in EXPERIMENTS:
        if options.only and experiment.name not in options.only:
            continue
        folder = options.work / "runs" / experiment.name
        if not (folder / "result.json").exists():
            _run(experiment, sets, folder, options.steps)
            print(experiment.name, (folder / "result.json").read_text(), flush=True)
    found = {}
    for experiment in EXPERIMENTS:
        path = options.work / "runs" / experiment.name / "result.json"
        if path.exists():
            found[experiment.name] = json.loads(path.read_text(encoding="utf-8"))
    print(write_result("qmamba", command=COMMAND, figures={"runs": found}))


def _sets(options: argparse.Namespace) -> list[RatedSet]:
    folders = {"biq2021": options.biq2021, "csv": options.synthetic, "avt_ai": options.avt_ai}
    found = []
    for name, folder in folders.items():
        (rated,) = open_sets(
            QualityData(sets=f"{name}={folder.name}", missing="skip"),
            data=folder.parent,
            cache=options.work / "cache",
            short_px=SIDE_PX,
            progress=lambda *_: None,
        )
        name = "synthetic" if name == "csv" else name
        test = rated.test[:MOST_JUDGED]
        found.append(dataclasses.replace(rated, name=name, test=test))
    return found


def _run(experiment: Experiment, sets: dict[str, RatedSet], folder: Path, steps: int) -> None:
    """Train, predict the test parts, and leave predictions and figures."""
    torch.manual_seed(0)
    model = NETWORKS[experiment.network]()
    chosen = [sets[name] for name in experiment.sets]
    mean = float(np.mean([rated.mos[rated.train].mean() for rated in chosen]))
    nn.init.constant_(model.regress.bias, mean)
    if experiment.start:
        load_weights(folder.parent / experiment.start, model)
    facts: dict[str, Any] = {"experiment": dataclasses.asdict(experiment)}
    if experiment.tuning != "full":
        from beholder.models.tuning.apply import added_operations, apply_tuning

        bare = NETWORKS[experiment.network]().eval()
        model = apply_tuning(model, TuningSettings(name=experiment.tuning))
        facts["added_operations"] = added_operations(bare, model, side_px=CROP_PX)
    trained = [p for p in model.parameters() if p.requires_grad]
    facts["trained_parameters"] = sum(p.numel() for p in trained)
    facts["all_parameters"] = sum(p.numel() for p in model.parameters())
    folder.mkdir(parents=True, exist_ok=True)
    facts["steps"] = round(steps * experiment.share)
    start = time.perf_counter(), time.process_time()
    if facts["steps"]:
        _train(model, chosen, experiment, folder, facts["steps"])
    facts["train_seconds"] = round(time.perf_counter() - start[0], 1)
    facts["train_cpu_seconds"] = round(time.process_time() - start[1], 1)
    facts["sets"] = {rated.name: _judge(model.eval(), rated, folder) for rated in chosen}
    (folder / "result.json").write_text(json.dumps(facts), encoding="utf-8")


def _train(
    model: nn.Module, chosen: list[RatedSet], experiment: Experiment, folder: Path, steps: int
) -> None:
    recipe = QualityRecipe(
        name=experiment.name,
        summary="benchmark",
        view=VIEW,
        data=QualityData(crop_px=CROP_PX, batch=BATCH),
        optim=QualityOptim(
            learning_rate=experiment.learning_rate,
            warmup_steps=steps // 10,
            drop_factor=0.3,
            average_decay=0.95,
        ),
        loop=LoopSettings(
            head_steps=0, steps=steps, validate_every=steps, log_every=25, precision="32-true"
        ),
    )
    run_loop(
        model,
        CropBatches(chosen, settings=recipe.data, view=VIEW),
        task=QualityTask(recipe),
        run=folder,
        validate=lambda _: {},
        progress=lambda *_: None,
    )
    load_weights(folder, model)


def _judge(model: nn.Module, rated: RatedSet, folder: Path) -> dict[str, Any]:
    """Judge a model on the test part of a set, once."""
    predicted = predict_quality(model, rated.pixels, rated.test, view=VIEW)
    mos = rated.mos[rated.test]
    np.savez(folder / f"{rated.name}.npz", predicted=predicted, mos=mos, items=rated.test)
    figures: dict[str, Any] = {"num_items": len(mos)}
    for name, figure in (("srcc", srcc), ("plcc", plcc)):
        interval = bootstrap_interval(figure, predicted, mos)
        figures[name] = {"value": round(figure(predicted, mos), 4), "interval": list(interval)}
    return figures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--biq2021", type=Path, required=True)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--avt-ai", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--only", nargs="*", help="Names of experiments; all by default.")
    return parser


if __name__ == "__main__":
    main()
