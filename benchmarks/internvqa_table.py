"""The table of InternVQA: students from scratch, tuned and distilled, side by side.

    python -m benchmarks.internvqa_table DATA WORK --stills biq2021=BIQ2021

DATA holds ladders/train, ladders/val and ladders/test of different contents, made by `beholder
ladder make`; VMAF is the label. First every network learns from stills with opinions, which stands
for the public weights that the paper starts from. The teacher is then tuned on ladders. Each
student learns from ladders in three ways: `scratch` from random weights, `tuned` from those of its
stills, `distilled` from the same weights and the teacher; `--set` changes any setting of all runs.
Without `--stills` the tuned ones are left out and the others start from random weights. WORK keeps
the runs: what is finished is not done again, what was stopped goes on. Weights are chosen on
ladders/val, and each run is judged once, on ladders/test. Intervals: 95 %, bootstrap over contents
of the mean over seeds.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.within import within_group_srcc
from beholder.models.internvqa import count_multiply_adds
from beholder.recipes import apply_overrides
from beholder.recipes.internvqa import (
    internvqa_distil_nano,
    internvqa_student_nano,
    internvqa_teacher_nano,
)
from beholder.reports.table import to_table
from beholder.training.checkpoint import CARD, STATE, WEIGHTS
from beholder.training.distil_fit import AGREEMENT, PREDICTIONS, fit_distil
from beholder.training.distil_recipe import DistilRecipe
from beholder.training.distil_teacher import build_network
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.internvqa_table DATA WORK --stills biq2021=BIQ2021"
STUDENTS = (
    "internvideo2_nano",
    "video_swin_nano",
    "swinv2_nano",
    "qmamba_nano",
    "mobilenet_v3_small",
)
PASSES = 5

Figure = Callable[[np.ndarray, np.ndarray, np.ndarray], float]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """The test part of the runs of one row, one for each seed."""

    predicted: np.ndarray
    """[seeds, items]."""
    mos: np.ndarray
    contents: np.ndarray


class Bench:
    """Runs recipes, each once, in folders that say what they are."""

    def __init__(self, given: argparse.Namespace) -> None:
        self._data, self._work = given.data.resolve(), given.work.resolve()
        self._settings, self._stills = given.set, given.stills
        self._still_steps = given.still_steps

    def seed(self, seed: int, students: Sequence[str]) -> dict[tuple[str, str], Path]:
        """Do all runs of a seed; network and way to run folder."""
        teacher = internvqa_teacher_nano()
        name = teacher.student.network
        runs = {(name, "teacher"): self._tuned(teacher, seed, "teacher", from_stills=True)}
        weights = str(runs[name, "teacher"] / WEIGHTS)
        for student in students:
            alone = _of(internvqa_student_nano(), student)
            runs[student, "scratch"] = self._tuned(alone, seed, "scratch", from_stills=False)
            if self._stills:
                runs[student, "tuned"] = self._tuned(alone, seed, "tuned", from_stills=True)
            taught = _of(internvqa_distil_nano(), student)
            taught = apply_overrides(taught, [f"teacher.weights={weights}"])
            runs[student, "distilled"] = self._tuned(taught, seed, "distilled", from_stills=True)
        return runs

    def _tuned(self, recipe: DistilRecipe, seed: int, way: str, *, from_stills: bool) -> Path:
        start = ""
        if from_stills and self._stills:
            start = str(self._looked_at_stills(recipe, seed) / WEIGHTS)
        return self._run(recipe, f"{recipe.student.network}-{way}", seed, [f"data.start={start}"])

    def _looked_at_stills(self, recipe: DistilRecipe, seed: int) -> Path:
        """Train a network on pictures: clips of one frame."""
        alone = dataclasses.replace(internvqa_student_nano(), student=recipe.student)
        settings = [f"data.sets={self._stills}", "data.choose_sets=", "data.test_sets="]
        settings += ["data.frames=1", "data.windows=1", f"loop.steps={self._still_steps}"]
        return self._run(alone, f"{recipe.student.network}-stills", seed, settings)

    def _run(self, recipe: DistilRecipe, name: str, seed: int, settings: list[str]) -> Path:
        out = self._work / f"{name}-{seed}"
        own = [f"data.seed={seed}", f"data.cache={self._work / 'cache'}", *settings]
        if not (out / CARD).exists():
            print(out.name, flush=True)
            changed = apply_overrides(recipe, [*self._settings, *own])
            fit_distil(changed, data=self._data, out=out, resume=(out / STATE).exists())
        return out


def main() -> None:
    given = _parse()
    bench = Bench(given)
    seeds = [bench.seed(seed, given.students) for seed in range(given.seeds)]
    rows = [row_of(key, [runs[key] for runs in seeds]) for key in seeds[0]]
    gains = [
        gain_of(student, other, seeds)
        for student in given.students
        for other in ("scratch", "tuned")
        if (student, other) in seeds[0]
    ]
    print(to_table(tuple(rows[0]), [tuple(map(_show, row.values())) for row in rows]))
    print(to_table(tuple(gains[0]), [tuple(map(_show, row.values())) for row in gains]))
    asked = {name: getattr(given, name) for name in ("students", "seeds", "still_steps", "set")}
    figures = {**asked, "rows": rows, "gains": gains}
    write_result("internvqa_table", command=COMMAND, figures=figures)


def row_of(key: tuple[str, str], runs: Sequence[Path]) -> dict[str, Any]:
    """Return one row: quality over seeds, and what the network costs."""
    judged = read_judged(runs)
    row: dict[str, Any] = {"network": key[0], "trained": key[1]}
    for name, figure in _FIGURES.items():
        value, interval = with_interval(judged, figure)
        row |= {name: value, f"{name}_interval": interval}
    return row | cost_of(runs[0])


def gain_of(
    student: str, other: str, seeds: Sequence[dict[tuple[str, str], Path]]
) -> dict[str, Any]:
    """Return by how much a student is better distilled than trained in another way."""
    pair = [read_judged([runs[student, way] for runs in seeds]) for way in ("distilled", other)]
    row: dict[str, Any] = {"network": student, "distilled against": other}
    for name, figure in _FIGURES.items():
        both = dataclasses.replace(pair[0], predicted=np.stack([p.predicted for p in pair], axis=1))

        def difference(
            predicted: np.ndarray, mos: np.ndarray, contents: np.ndarray, figure: Figure = figure
        ) -> float:
            return figure(predicted[0], mos, contents) - figure(predicted[1], mos, contents)

        value, interval = with_interval(both, difference)
        row |= {name: value, f"{name}_interval": interval}
    return row


def read_judged(runs: Sequence[Path]) -> Judged:
    """Read the predictions of a row; all runs judged the same clips."""
    tables = [list(csv.DictReader((run / PREDICTIONS).open(encoding="utf-8"))) for run in runs]
    return Judged(
        predicted=np.array([[float(line["predicted"]) for line in table] for table in tables]),
        mos=np.array([float(line["mos"]) for line in tables[0]]),
        contents=np.array([line["content_id"] for line in tables[0]]),
    )


def with_interval(judged: Judged, figure: Figure) -> tuple[float, tuple[float, float]]:
    """Return the mean of a figure over seeds, and its interval when other contents are drawn."""
    names = np.unique(judged.contents)
    places = [np.flatnonzero(judged.contents == name) for name in names]

    def mean_of(drawn: np.ndarray) -> float:
        chosen = np.concatenate([places[int(number)] for number in drawn])
        # A content that is drawn twice counts as two.
        labels = np.concatenate([np.full(len(places[int(n)]), i) for i, n in enumerate(drawn)])
        mos = judged.mos[chosen]
        return float(np.mean([figure(p[..., chosen], mos, labels) for p in judged.predicted]))

    everything = np.arange(len(names), dtype=np.float64)
    return mean_of(everything), bootstrap_interval(mean_of, everything)


def cost_of(run: Path) -> dict[str, float]:
    """Count and time the network of a run on one clip; seconds of one thread."""
    recipe = DistilRecipe.from_json((run / "recipe.json").read_text(encoding="utf-8"))
    model = build_network(recipe.student, recipe.data).eval()
    views = torch.zeros(1, *model.view_shape)
    torch.set_num_threads(1)
    times = []
    with torch.inference_mode():
        operations = count_multiply_adds(model, views)
        for _ in range(PASSES):
            begun = time.process_time()
            model(views)
            times.append(time.process_time() - begun)
    return {
        "parameters_millions": round(sum(p.numel() for p in model.parameters()) / 1e6, 2),
        "giga_multiply_adds": round(operations / 1e9, 2),
        "milliseconds": round(1000 * statistics.median(times), 1),
    }


def _over_all(figure: Callable[[np.ndarray, np.ndarray], float]) -> Figure:
    return lambda predicted, mos, _: figure(predicted, mos)


def _within(predicted: np.ndarray, mos: np.ndarray, contents: np.ndarray) -> float:
    return float(np.mean(list(within_group_srcc(predicted, mos, contents.tolist()).values())))


_FIGURES: dict[str, Figure] = {
    **{name: _over_all(figure) for name, figure in AGREEMENT.items()},
    "within": _within,
}


def _of(recipe: DistilRecipe, student: str) -> DistilRecipe:
    return apply_overrides(recipe, [f"student.network={student}"])


def _show(value: object) -> str:
    if isinstance(value, tuple):
        return " to ".join(f"{end:.3f}" for end in value)
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--students", nargs="+", default=STUDENTS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--stills", default="", help="NAME=FOLDER in DATA, pictures with opinions")
    parser.add_argument("--still-steps", type=int, default=600)
    parser.add_argument("--set", action="append", default=[], metavar="GROUP.FIELD=VALUE")
    return parser.parse_args()


if __name__ == "__main__":
    main()
