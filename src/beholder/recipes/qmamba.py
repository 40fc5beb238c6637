"""The recipes of QMamba: one set, several at once, and a trained model adapted to another set."""

from __future__ import annotations

from beholder.models.tuning.settings import TuningSettings
from beholder.records import ViewSpec
from beholder.training.quality_recipe import (
    NetworkSettings,
    QualityData,
    QualityOptim,
    QualityRecipe,
)

VIEW = ViewSpec(
    frames_per_second=0.5,
    min_frames=1,
    max_frames=16,
    overview_area_px=224 * 224,
    whole_area_px=224 * 224,
    detail_side_px=224,
    detail_short_side_px=384,
    image_details=10,
    frame_details=2,
    detail_weight=1.0,
    size_multiple_px=32,
    mean=(123.675, 116.28, 103.53),
    std=(58.395, 57.12, 57.375),
)
"""Ten crops of 224 from a picture whose shorter side is 384 px, and their mean; two of a frame."""


def qmamba() -> QualityRecipe:
    """Train a QMamba or LQMamba on one set (task-specific), after DEIQT's protocol.

    Command: `beholder train qmamba --data DATA --out RUN --set data.sets=koniq10k=koniq10k`, where
    DATA/koniq10k is the set as its makers distribute it. `--set model.network=lqmamba_t` takes
    another network, `--set data.start=FILE` its ImageNet weights. Sets without an official split
    are divided 80 : 20 by content; `--set data.repeat=1`, 2, ... 9 draw the other nine of the ten
    repeats.

    Cost: 4,500 steps of 16 crops, 9 epochs of 8,000 pictures: for the nano size on two cores about
    an hour and a half; larger ones want a graphics card. Results: docs/qmamba.md.
    """
    return QualityRecipe(
        name="qmamba", summary="A state-space network trained on one set.", view=VIEW
    )


def qmamba_universal() -> QualityRecipe:
    """Train one QMamba or LQMamba on several sets at once (universal).

    Command: `beholder train qmamba_universal --data DATA --out RUN --set
    data.sets=biq2021=BIQ2021,koniq10k=koniq10k`. Opinions of all sets are brought to 0..1, higher
    is better; every set gives equally many crops to a batch; figures are told set by set.

    Cost: twice that of `qmamba`. Results: docs/qmamba.md.
    """
    return QualityRecipe(
        name="qmamba_universal",
        summary="A state-space network trained on several sets at once.",
        view=VIEW,
        data=QualityData(sets="biq2021=BIQ2021,koniq10k=koniq10k", batch=32),
    )


def qmamba_transfer() -> QualityRecipe:
    """Adapt a trained QMamba or LQMamba to another set (transferable), by StylePrompt or a rival.

    Command: `beholder train qmamba_transfer --data DATA --out RUN --set
    data.start=qmamba.safetensors --set tuning.name=lora`, where DATA/qmamba.safetensors is the
    `model.safetensors` of a run of the same network. Without `tuning.name` it is StylePrompt;
    models/tuning/settings.py has all methods and their sizes. The run tells how many parameters
    learn and what they add to the cost; `tuning.safetensors` holds those parameters alone.

    Cost: 1,500 steps of 16 crops. Results: docs/qmamba.md.
    """
    return QualityRecipe(
        name="qmamba_transfer",
        summary="A trained state-space network adapted to another set.",
        view=VIEW,
        model=NetworkSettings(network="lqmamba_nano"),
        data=QualityData(start="qmamba.safetensors"),
        tuning=TuningSettings(name="style_prompt"),
        optim=QualityOptim(learning_rate=1e-3),
    )
