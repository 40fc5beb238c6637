"""QMamba at our scale: small networks from random weights, equal steps for all, few crops.

    python -m benchmarks.qmamba WORK --biq2021 DIR --synthetic DIR --avt-ai DIR

Trains what `experiments` lists, one after the other, and judges each once on the test part of its
sets; WORK keeps runs and predictions, and what is there is not trained again. SYNTHETIC is made by
`benchmarks.synthetic_set`. Pictures are shrunk until their shorter side is 128 px; crops have 56 px
(14 x 14 tokens, four windows of LQMamba), and a picture's quality is the mean over four of them,
which do not depend on chance. Whatever was chosen (the shrinking, the rates) was chosen on the
parts that are held out of the training parts.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import plcc, srcc
from beholder.models import qmamba
from beholder.models.tuning.apply import added_operations, apply_tuning, trained_parameters
from beholder.models.tuning.settings import NAMES as TUNINGS
from beholder.models.tuning.settings import TuningSettings
from beholder.records import ViewSpec
from beholder.sampling import apply, plan_windows
from beholder.training.checkpoint import load_weights, save_weights
from beholder.training.loop import run_loop
from beholder.training.quality_batches import CropBatches
from beholder.training.quality_predict import predict_quality
from beholder.training.quality_recipe import QualityData, QualityOptim, QualityRecipe
from beholder.training.quality_sets import RatedSet, open_sets
from beholder.training.quality_task import QualityTask
from beholder.training.recipe import LoopSettings
from benchmarks.baselines import residual_network, vision_transformer
from benchmarks.record import write_result

SIDE_PX, CROP_PX, BATCH = 128, 56, 16
STEPS, FEW_STEPS = 600, 150
"""Of every network on one set and of the longer tunings, and of the shorter ones."""
MOST_HELD, MOST_JUDGED = 300, 1000
"""Pictures of a held-out part, drawn by chance, and of a test part, from its start: all of them
would take half of the time."""

COMMAND = "python -m benchmarks.qmamba WORK --biq2021 DIR --synthetic DIR --avt-ai DIR"

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
    network: str = "lqmamba_nano"
    sets: tuple[str, ...] = ("biq2021",)
    tuning: str = "full"
    start: str = ""
    """Experiment whose weights are the start."""
    steps: int = STEPS
    rates: tuple[float, ...] = (3e-4,)
    """Peak learning rates; the one that does best on the held-out part is judged."""


SETS = ("biq2021", "synthetic", "avt_ai")
BASE = "base"
"""The start of all transfers."""

RATES = {"residual": 1e-3}
"""Peak rates that are not 3e-4. Chosen on BIQ2021's held-out part: LQMamba had 0.33, 0.37 and 0.19
with 1e-4, 3e-4 and 1e-3 (300 steps), the residual network 0.35 and 0.36 with the last two."""

SHORT_RATES = {"full": (3e-4, 1e-3)}
LONG_RATES = {"full": (3e-4,), "convolution_prompt": (1e-3,)}
"""Peak rates of short tunings that are not 1e-3 and 5e-3, because few or new parameters bear more
than a whole trained network; and of long ones that are not 5e-3: what did best in the short ones.
"""


def experiments() -> list[Experiment]:
    """List what is trained, the base of the others first."""
    singles = [
        Experiment(
            name=f"{data}_{network}",
            network=network,
            sets=(data,),
            rates=(RATES.get(network, 3e-4),),
        )
        for data in ("biq2021", "synthetic")
        for network in NETWORKS
    ]
    short = [
        Experiment(
            name=f"transfer_{tuning}",
            tuning=tuning,
            start=BASE,
            steps=0 if tuning == "none" else FEW_STEPS,
            rates=SHORT_RATES.get(tuning, (1e-3, 5e-3)),
        )
        for tuning in TUNINGS
    ]
    longer = [
        Experiment(
            name=f"longer_{tuning}",
            tuning=tuning,
            start=BASE,
            rates=LONG_RATES.get(tuning, (5e-3,)),
        )
        for tuning in TUNINGS
        if tuning != "none"
    ]
    return [
        Experiment(name=BASE, sets=("synthetic",), steps=2000),
        *short,
        *longer,
        *singles,
        Experiment(name="avt_ai_lqmamba_nano", sets=("avt_ai",)),
        # As many crops of each set as the networks of one set see.
        Experiment(name="universal", sets=SETS, steps=3 * STEPS),
    ]


def main() -> None:
    """Run the experiments that are not there yet, then write the result."""
    parser = arguments(__doc__)
    parser.add_argument("--only", nargs="*", help="Names of experiments; all by default.")
    options = parser.parse_args()
    torch.set_num_threads(1)
    sets = {rated.name: rated for rated in open_all(options)}
    for experiment in experiments():
        if options.only and experiment.name not in options.only:
            continue
        folder = options.work / "runs" / experiment.name
        if not (folder / "result.json").exists():
            _run(experiment, sets, folder)
            print(experiment.name, (folder / "result.json").read_text(), flush=True)
    found = {}
    for experiment in experiments():
        path = options.work / "runs" / experiment.name / "result.json"
        if path.exists():
            found[experiment.name] = json.loads(path.read_text(encoding="utf-8"))
    figures = {"runs": found, "style_prompt_less": differences(options.work / "runs", list(found))}
    print(write_result("qmamba", command=COMMAND, figures=figures))


def differences(runs: Path, names: list[str]) -> dict[str, dict[str, Any]]:
    """Compare StylePrompt with each rival of as many steps, on the same drawn pictures."""
    found = {}
    for name in names:
        kind, _, tuning = name.partition("_")
        first = runs / f"{kind}_style_prompt" / "biq2021.npz"
        if kind not in ("transfer", "longer") or tuning == "style_prompt" or not first.exists():
            continue
        ours, theirs = np.load(first), np.load(runs / name / "biq2021.npz")
        columns = ours["predicted"], theirs["predicted"], ours["mos"]
        interval = bootstrap_interval(_difference, *columns)
        found[name] = {"srcc": round(_difference(*columns), 4), "interval": list(interval)}
    return found


def _difference(ours: np.ndarray, theirs: np.ndarray, mos: np.ndarray) -> float:
    return srcc(ours, mos) - srcc(theirs, mos)


def open_all(options: argparse.Namespace) -> list[RatedSet]:
    """Open the sets of the command line, decoded once into WORK."""
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
        held = np.random.default_rng(0).permutation(rated.held)[:MOST_HELD]
        test = rated.test[:MOST_JUDGED]
        found.append(dataclasses.replace(rated, name=name, held=held, test=test))
    return found


def _run(experiment: Experiment, sets: dict[str, RatedSet], folder: Path) -> None:
    """Train, predict the test parts, and leave predictions and figures."""
    chosen = [sets[name] for name in experiment.sets]
    facts: dict[str, Any] = {"experiment": dataclasses.asdict(experiment)}
    trials = []
    for rate in experiment.rates if experiment.steps else (0.0,):
        model = _build(experiment, chosen, folder)
        run = folder / f"{rate:g}"
        run.mkdir(parents=True, exist_ok=True)
        started_at_seconds = time.process_time()
        if experiment.steps:
            _train(model, chosen, rate, run, experiment.steps)
        cost = round(time.process_time() - started_at_seconds, 1)
        trials.append((_held(model.eval(), chosen), rate, cost, model))
    _, rate, cost, model = max(trials, key=lambda trial: trial[0])
    facts["held_srcc"] = {f"{trial[1]:g}": trial[0] for trial in trials}
    facts |= {"rate": rate, "train_cpu_seconds": cost, **_costs(experiment, model)}
    save_weights(folder, model)
    facts["sets"] = {rated.name: _judge(model, rated, folder) for rated in chosen}
    (folder / "result.json").write_text(json.dumps(facts), encoding="utf-8")


def restore(work: Path, name: str) -> Any:
    """Return the trained network of an experiment."""
    (experiment,) = (each for each in experiments() if each.name == name)
    model = NETWORKS[experiment.network]()
    model = apply_tuning(model, TuningSettings(name=experiment.tuning))
    load_weights(work / "runs" / name, model)
    return model.eval()


@torch.inference_mode()
def features(model: Any, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """Return the mean features of each picture's crops, [pictures, D]."""
    found = []
    for picture in pictures:
        _, *crops = plan_windows(*picture.shape[:2], VIEW)
        views = torch.from_numpy(np.stack(apply(picture, crops, VIEW)))
        found.append(model.features(views).mean(0).numpy())
    return np.stack(found)


def _build(experiment: Experiment, chosen: list[RatedSet], folder: Path) -> nn.Module:
    """Make the network before its first step."""
    torch.manual_seed(0)
    model = NETWORKS[experiment.network]()
    mean = float(np.mean([rated.mos[rated.train].mean() for rated in chosen]))
    nn.init.constant_(model.regress.bias, mean)
    if experiment.start:
        load_weights(folder.parent / experiment.start, model)
    return apply_tuning(model, TuningSettings(name=experiment.tuning))


def _costs(experiment: Experiment, model: nn.Module) -> dict[str, int]:
    bare = NETWORKS[experiment.network]().eval()
    added = experiment.tuning != "full"
    return {
        "trained_parameters": trained_parameters(model),
        "all_parameters": sum(parameter.numel() for parameter in model.parameters()),
        "added_operations": added_operations(bare, model, side_px=CROP_PX) if added else 0,
    }


def _train(model: nn.Module, chosen: list[RatedSet], rate: float, run: Path, steps: int) -> None:
    recipe = QualityRecipe(
        name="benchmark",
        summary="benchmark",
        view=VIEW,
        data=QualityData(crop_px=CROP_PX, batch=BATCH),
        optim=QualityOptim(
            learning_rate=rate, warmup_steps=steps // 10, schedule="cosine", average_decay=0.98
        ),
        loop=LoopSettings(steps=steps, validate_every=steps, log_every=25, precision="32-true"),
    )
    run_loop(
        model,
        CropBatches(chosen, settings=recipe.data, view=VIEW),
        task=QualityTask(recipe),
        run=run,
        validate=lambda _: {},
        progress=lambda *_: None,
    )
    load_weights(run, model)


def _held(model: nn.Module, chosen: list[RatedSet]) -> float:
    """Return the mean SRCC on the held-out parts."""
    found = [
        srcc(predict_quality(model, rated.pixels, rated.held, view=VIEW), rated.mos[rated.held])
        for rated in chosen
    ]
    return round(float(np.mean(found)), 4)


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


def arguments(text: str) -> argparse.ArgumentParser:
    """Return a command line with the folder of the runs and those of the sets."""
    parser = argparse.ArgumentParser(description=text.partition("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("--biq2021", type=Path, required=True)
    parser.add_argument("--synthetic", type=Path, required=True)
    parser.add_argument("--avt-ai", type=Path, required=True)
    return parser


if __name__ == "__main__":
    main()
