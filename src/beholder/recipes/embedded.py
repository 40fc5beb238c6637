"""The recipe of the model inside the wheel."""

from __future__ import annotations

from beholder.records import ViewSpec
from beholder.training.recipe import Recipe

VIEW = ViewSpec(
    frames_per_second=1.0,
    min_frames=8,
    max_frames=32,
    native_area_px=512 * 512,
    overview_area_px=384 * 384,
    detail_side_px=384,
    detail_short_side_px=1080,
    image_details=4,
    frame_details=1,
    detail_weight=0.5,
    size_multiple_px=32,
    mean=(128.0, 128.0, 128.0),
    std=(128.0, 128.0, 128.0),
)


def embedded() -> Recipe:
    """Fine-tune MobileNetV1 end to end on BIQ2021, and on compression ladders beside it."""
    return Recipe(
        name="embedded",
        summary="MobileNetV1 fine-tuned end to end on BIQ2021 and on compression ladders.",
        view=VIEW,
    )
