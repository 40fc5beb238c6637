"""The recipe of the model inside the wheel."""

from __future__ import annotations

from beholder.records import ViewSpec
from beholder.training.recipe import LoopSettings, Recipe

VIEW = ViewSpec(
    frames_per_second=0.4,
    min_frames=4,
    max_frames=32,
    overview_area_px=384 * 384,
    whole_area_px=512 * 512,
    detail_side_px=256,
    detail_short_side_px=1080,
    image_details=4,
    frame_details=1,
    detail_weight=0.5,
    size_multiple_px=32,
    mean=(128.0, 128.0, 128.0),
    std=(128.0, 128.0, 128.0),
)


def embedded() -> Recipe:
    """Fine-tune MobileNetV1 end to end on BIQ2021, and on compression ladders beside it.

    Command: `beholder train embedded --data DATA --out RUN`; the README says what DATA holds. The
    released model read its near-duplicates from a file (`--set data.groups=groups.csv`). Other
    models can teach it: `--set data.taught=theirs.csv`, as `beholder evaluate --save-predictions`
    writes it for the training part.

    Cost: 2,800 steps (5 epochs of 8,800 photographs), about an hour on two cores with bfloat16
    arithmetic; 8 GB of disk for decoded photographs, 4 GB of memory.
    """
    return Recipe(
        name="embedded",
        summary="MobileNetV1 fine-tuned end to end on BIQ2021 and on compression ladders.",
        view=VIEW,
        loop=LoopSettings(steps=2800, head_steps=100, validate_every=350),
    )
