"""A whole run of InternVQA: clips, teacher, training, figures, calibration, card."""

from __future__ import annotations

import functools
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from beholder.cards import ModelCard
from beholder.datasets.rows import name_below
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import plcc, srcc
from beholder.evaluation.within import MIN_GROUP_ITEMS, within_group_srcc
from beholder.models.internvqa import InternVqa
from beholder.scoring.prediction_files import RatedItem, write_predictions
from beholder.training import processes
from beholder.training.calibrate import fit_line, versions
from beholder.training.checkpoint import CARD, begin_run, load_weights, save_weights
from beholder.training.devices import OnDevice
from beholder.training.distil_data import ClipBatches, Material, gather
from beholder.training.distil_predict import predict_clips
from beholder.training.distil_recipe import DistilRecipe
from beholder.training.distil_task import DistilTask
from beholder.training.distil_teacher import open_features, start_network, start_teacher
from beholder.training.lesson import Lesson
from beholder.training.loop import run_loop
from beholder.training.quality_recipe import named_folders
from beholder.training.tell import Tell

CACHE, FIGURES, PREDICTIONS = "cache", "figures.json", "predictions.csv"


def _or_nothing(figure: Callable[..., float]) -> Callable[..., float]:
    """Count 0 for one number for all clips, which networks may give in their first steps."""

    def or_nothing(predicted: np.ndarray, mos: np.ndarray) -> float:
        return figure(predicted, mos) if np.ptp(predicted) else 0.0

    return or_nothing


AGREEMENT = {"srcc": _or_nothing(srcc), "plcc": _or_nothing(plcc)}
"""Figures over all clips, by name."""


class _Folders(NamedTuple):
    data: Path
    out: Path
    cache: Path


def fit_distil(
    recipe: DistilRecipe,
    *,
    data: Path,
    out: Path,
    resume: bool = False,
    progress: Tell | None = None,
) -> Path:
    """Tune a teacher or a student, teach a student, or judge weights, as the recipe's stage says.

    The folder gets `figures.json` and `predictions.csv` of the test part, which is looked at once,
    at the end.

    Args:
        recipe: What to do.
        data: Folder with the sets and the weights.
        out: Run folder; made if missing.
        resume: Go on with the run that is in `out`.
        progress: Told how far the work is.

    Returns:
        The run folder, ready for `beholder export`.

    Raises:
        UsageError: `out` holds a run and `resume` is False.
        DataError: The data folder is not laid out as the recipe says.
    """
    tell = progress or (lambda *_: None)
    begin_run(out, recipe, resume=resume)
    folders = _Folders(data, out, data / recipe.data.cache if recipe.data.cache else out / CACHE)
    material = gather(recipe.data, data=data, cache=folders.cache, tell=tell)
    mean = float(material.mos[material.train].mean())
    weights = data / recipe.data.start if recipe.data.start else None
    student = start_network(recipe.student, recipe.data, weights=weights, mean=mean)
    if recipe.stage == "evaluate":
        save_weights(out, student)
    else:
        _train(student, material, recipe, folders=folders, tell=tell)
    if processes.rank() == 0:
        _finish(student.eval(), material, recipe, folders)
    return out


def _train(
    student: InternVqa,
    material: Material,
    recipe: DistilRecipe,
    *,
    folders: _Folders,
    tell: Tell,
) -> None:
    """Train; the weights that are best on the held-out part end in the student."""
    model: nn.Module = student
    known = None
    if recipe.stage == "distil":
        mean = float(material.mos[material.train].mean())
        teacher = start_teacher(recipe, data=folders.data, mean=mean)
        if recipe.teacher.trained == "none":
            looking = functools.partial(tell, "looking as the teacher")
            cache = folders.cache
            known = open_features(teacher, material, recipe, cache=cache, progress=looking)
        model = Lesson(student, None if known is not None else teacher)
    run_loop(
        model,
        ClipBatches(material, recipe.data, teacher=known),
        task=DistilTask(recipe),
        run=folders.out,
        validate=functools.partial(_validate, material=material),
        progress=functools.partial(tell, "training"),
    )
    load_weights(folders.out, student)


def _validate(model: nn.Module, *, material: Material) -> dict[str, float]:
    predicted = predict_clips(model, material.clips, material.held)
    mos = material.mos[material.held]
    return {name: figure(predicted, mos) for name, figure in AGREEMENT.items()}


def _finish(
    student: InternVqa, material: Material, recipe: DistilRecipe, folders: _Folders
) -> None:
    """Judge the student on the test part, and write down what the run knows."""
    out, device = folders.out, torch.device(recipe.loop.accelerator)
    judged = OnDevice(student.to(device), device).eval()
    predicted = predict_clips(judged, material.clips, material.test)
    rows = [material.rows[place] for place in material.test]
    items = [
        RatedItem(path=name_below(r.path, folders.data), content_id=r.content_id, mos=r.mos)
        for r in rows
    ]
    (out / PREDICTIONS).write_text(write_predictions(items, predicted.tolist()), encoding="utf-8")
    figures = judge_clips(predicted, material.mos[material.test], [r.content_id for r in rows])
    (out / FIGURES).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    held = predict_clips(judged, material.clips, material.held)
    card = _card(student, held, material, recipe)
    (out / CARD).write_text(card.to_json() + "\n", encoding="utf-8")
    student.cpu()


def judge_clips(predicted: np.ndarray, mos: np.ndarray, contents: list[str]) -> dict[str, object]:
    """Compute figures with 95 % intervals.

    Args:
        predicted: [items].
        mos: [items], 0..1.
        contents: Of each item.

    Returns:
        `srcc` and `plcc` over all items, and `srcc_within` over the contents that have enough
        versions: for each the value and an interval, the last drawn over contents.
    """
    figures: dict[str, object] = {"num_items": len(mos)}
    for name, figure in AGREEMENT.items():
        interval = bootstrap_interval(figure, predicted, mos)
        figures[name] = {"value": figure(predicted, mos), "interval": interval}
    counts = Counter(contents)
    enough = np.array([counts[name] >= MIN_GROUP_ITEMS for name in contents])
    if enough.any():
        groups = [name for name, kept in zip(contents, enough, strict=True) if kept]
        within = np.array(list(within_group_srcc(predicted[enough], mos[enough], groups).values()))
        drawn = bootstrap_interval(np.mean, within) if len(within) > 1 else None
        figures["srcc_within"] = {"value": float(within.mean()), "interval": drawn}
    return figures


def _card(
    student: InternVqa, held: np.ndarray, material: Material, recipe: DistilRecipe
) -> ModelCard:
    """Write down what the run knows; the held-out part fixes line and interval."""
    parameters = sum(parameter.numel() for parameter in student.parameters())
    names = [name for name, _ in named_folders(recipe.data.sets)]
    label = "; VMAF over 100 stands for an opinion" if "ladder" in names else ""
    taught = f", taught by {recipe.teacher.network}" if recipe.stage == "distil" else ""
    return ModelCard(
        name=recipe.name,
        task="video",
        summary=recipe.summary,
        architecture=f"{recipe.student.network}{taught}: {parameters / 1e6:.3f} M parameters",
        licence="Apache-2.0",
        source=f"recipe {recipe.name}; Guan et al., InternVQA, ISCAS 2025; start: "
        f"{Path(recipe.data.start).name or 'random weights'}",
        trained_on=(f"{', '.join(names)}, {len(material.train):,} clips{label}",),
        view=recipe.data.view,
        calibration=fit_line(held, material.mos[material.held]),
        results=(),
        versions=versions(),
    )
