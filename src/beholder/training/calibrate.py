"""From a trained network to a score that people can read: line, interval, card."""

from __future__ import annotations

import importlib.metadata

import numpy as np

from beholder.cards import Calibration, ModelCard
from beholder.evaluation.conformal import conformal_half_width
from beholder.models.embedded import EmbeddedModel
from beholder.training.material import Material
from beholder.training.predict import predict
from beholder.training.recipe import Recipe

COVERAGE = 0.9
CONFIDENCE = 0.95
"""Chance that the interval of this very model keeps its coverage on images like these."""

PACKAGES = ("beholder", "torch", "lightning-fabric", "numpy", "onnx", "av")


def calibrate(model: EmbeddedModel, material: Material, recipe: Recipe) -> Calibration:
    """Fit the line from output to opinion, and the interval around it, on unseen photographs.

    Both held-out parts are used: choosing one of a few checkpoints on the smaller one moves its
    errors far less than more items narrow the uncertainty of the interval.

    Args:
        model: In evaluation mode.
        material: Its `choose` and `calibrate` parts are used.
        recipe: Gives the view.
    """
    items = np.concatenate([material.choose, material.calibrate])
    raw = predict(model, material.photos.pixels, items, view=recipe.view)[:, 0].astype(np.float64)
    mos = material.photos.mos[items]
    return fit_line(raw, mos)


def fit_line(raw: np.ndarray, mos: np.ndarray) -> Calibration:
    """Fit line and interval on items that took no part in training.

    Args:
        raw: What the network says, [items].
        mos: Opinions 0..1, [items].
    """
    slope, intercept = np.polyfit(raw, mos, 1)
    scores = 100 * np.clip(slope * raw + intercept, 0, 1)
    return Calibration(
        slope=float(slope),
        intercept=float(intercept),
        half_width=_half_width(scores, 100 * mos),
        coverage=COVERAGE,
        num_items=len(mos),
    )


def _half_width(scores: np.ndarray, opinions: np.ndarray) -> float:
    return conformal_half_width(scores, opinions, coverage=COVERAGE, confidence=CONFIDENCE)


def make_card(model: EmbeddedModel, material: Material, recipe: Recipe) -> ModelCard:
    """Write down what the run knows about its model; accuracy is added at export."""
    trained_on = [
        f"BIQ2021, {len(material.train):,} photographs of the official training part; "
        "no licence stated"
    ]
    if material.taught is not None:
        others = (
            f" and of {len(material.unrated):,} that nobody rated" if len(material.unrated) else ""
        )
        trained_on.append(
            f"what other models say of the same photographs{others}: {recipe.data.taught}"
        )
    if material.packs:
        teacher = recipe.data.ladder_teacher
        labels = f"VMAF, and what {teacher} says, as labels" if teacher else "VMAF as label"
        trained_on.append(
            f"{len(material.packs)} compression ladders of clean videos and photographs under "
            f"several licences, with {labels}; listed in docs/ladder_sources.md"
        )
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return ModelCard(
        name=recipe.name,
        task="image",
        summary=recipe.summary,
        architecture=(
            f"{' and '.join(model.trunks)} read at four depths; {parameters / 1e6:.2f} M parameters"
        ),
        licence="Apache-2.0",
        source=(
            f"recipe {recipe.name}; trunk: {recipe.data.start}, "
            "which began as public weights (ImageNet, Apache-2.0)"
        ),
        trained_on=tuple(trained_on),
        view=recipe.view,
        calibration=calibrate(model, material, recipe),
        results=(),
        versions=versions(),
    )


def versions() -> dict[str, str]:
    """Tell the versions of all packages that decide a run's result."""
    return {name: importlib.metadata.version(name) for name in PACKAGES}
