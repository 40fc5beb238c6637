"""The two stages of coarse to fine: a spatial module on image sets, then the model of clips."""

from __future__ import annotations

import dataclasses

from beholder.records import ViewSpec
from beholder.training.c2f_recipe import C2fData, C2fModel, C2fOptim, C2fRecipe
from beholder.training.quality_recipe import (
    NetworkSettings,
    QualityData,
    QualityOptim,
    QualityRecipe,
)
from beholder.training.recipe import LoopSettings

_IMAGE_SETS = "biq2021=BIQ2021,koniq10k=koniq10k"


def square_view(side_px: int, *, short_side_px: int) -> ViewSpec:
    """Return a view whose windows are all squares of one size, as SwinV2 wants them.

    Sides in multiples of the square, with an overview of less than its area, come to the square.

    Args:
        side_px: Of the squares.
        short_side_px: Frames with a larger shorter side are shrunk to it before squares are cut.
    """
    return ViewSpec(
        frames_per_second=0.5,
        min_frames=1,
        max_frames=16,
        overview_area_px=side_px**2 // 2,
        whole_area_px=side_px**2,
        detail_side_px=side_px,
        detail_short_side_px=short_side_px,
        image_details=5,
        frame_details=1,
        detail_weight=1.0,
        size_multiple_px=side_px,
        mean=(123.675, 116.28, 103.53),
        std=(58.395, 57.12, 57.375),
    )


def clip_view(side_px: int, *, num_frames: int) -> ViewSpec:
    """Return the view of a model of clips: one square of each frame, at its own resolution.

    The squares of a clip's frames move over the picture. Frames above 540p are shrunk to it: a
    square should hold about as much of the scene in every video.

    Args:
        side_px: Of the squares.
        num_frames: Frames of a clip, spread over it.
    """
    view = square_view(side_px, short_side_px=540)
    return dataclasses.replace(view, min_frames=num_frames, max_frames=num_frames)


def c2f_spatial() -> QualityRecipe:
    """Pre-train the spatial module of coarse to fine on several image sets (SwinV2-T, S, B).

    Command: `beholder train c2f_spatial --data DATA --out RUN --set data.start=swinv2.safetensors`,
    where DATA/swinv2.safetensors is a public SwinV2 with windows of 16 at 256 x 256, e.g. timm's
    swinv2_tiny_window16_256. `--set model.network=c2f_spatial_s` takes a larger one, `--set
    data.sets=NAME=FOLDER,...` other sets; every set gives equally many crops to a batch.

    Cost: 20,000 steps of 32 crops of 256; wants a graphics card. Results: not run, docs/c2f.md.
    """
    return QualityRecipe(
        name="c2f_spatial",
        summary="SwinV2 whose stages are fused, trained on several image sets at once.",
        view=square_view(256, short_side_px=384),
        model=NetworkSettings(network="c2f_spatial_t"),
        data=QualityData(sets=_IMAGE_SETS, crop_px=256, batch=32),
        optim=QualityOptim(
            learning_rate=1e-4, schedule="cosine", warmup_steps=500, average_decay=0.998
        ),
        loop=LoopSettings(steps=20_000, validate_every=2000),
    )


def c2f_spatial_nano() -> QualityRecipe:
    """Pre-train the nano spatial module of coarse to fine on two processor cores.

    Command: `beholder train c2f_spatial_nano --data DATA --out RUN --set
    data.sets=biq2021=BIQ2021,csv=synthetic`; see `c2f_spatial`. It starts from random weights.

    Cost: 3,000 steps of 24 crops of 128, about 20 minutes of one core. Results: docs/c2f.md.
    """
    return QualityRecipe(
        name="c2f_spatial_nano",
        summary="A small SwinV2 whose stages are fused, trained on several image sets at once.",
        view=square_view(128, short_side_px=256),
        model=NetworkSettings(network="c2f_spatial_nano"),
        data=QualityData(sets=_IMAGE_SETS, crop_px=128, batch=24),
        optim=QualityOptim(
            learning_rate=5e-4, schedule="cosine", warmup_steps=200, average_decay=0.998
        ),
        loop=LoopSettings(steps=3000, validate_every=1000, precision="32-true", threads=1),
    )


def c2f() -> C2fRecipe:
    """Train coarse to fine on clips that carry a rate (SwinV2-T, S, B).

    Command: `beholder train c2f --data DATA --out RUN --set data.spatial=spatial.safetensors`,
    where DATA/spatial.safetensors is the `model.safetensors` of a run of `c2f_spatial` and
    DATA/ladders was made by `beholder ladder make`. `--set data.sets=NAME=FOLDER,...` takes other
    sets whose clips carry a rate, `--set model.fusion=mean` the baseline over time, `--set
    optim.spatial_share=0` freezes the spatial module.

    Cost: 5,000 steps of 16 clips of 8 frames; wants a graphics card. Results: not run, docs/c2f.md.
    """
    return C2fRecipe(
        name="c2f",
        summary="SwinV2 on every frame, a transformer over time, trained coarse to fine.",
        view=clip_view(256, num_frames=8),
        model=C2fModel(size="t"),
        data=C2fData(num_contents=2),
        optim=C2fOptim(learning_rate=1e-4, spatial_share=0.1, warmup_steps=200),
        loop=LoopSettings(steps=5000, validate_every=500),
    )


def c2f_nano() -> C2fRecipe:
    """Train the nano size of coarse to fine, its spatial module frozen, on two processor cores.

    Command: `beholder train c2f_nano --data DATA --out RUN --set
    data.spatial=spatial.safetensors`; see `c2f`.

    Cost: for 1,500 clips, minutes of one core, most of it decoding and the one look at every
    frame. Results: docs/c2f.md.
    """
    return C2fRecipe(
        name="c2f_nano",
        summary="A small SwinV2 on every frame, a transformer over time, trained coarse to fine.",
        view=clip_view(128, num_frames=8),
    )
