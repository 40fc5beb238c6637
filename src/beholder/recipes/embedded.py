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
    """Read quality off a resting trunk, and learn the head from people, a teacher and ladders.

    Command: `beholder train embedded --data DATA --out RUN`; the README says what DATA holds. The
    released model (second edition) read its near-duplicates from a file (`--set
    data.groups=groups.csv`) and was taught by `python -m benchmarks.embedded_teacher`, on unrated
    pictures, too (`--set data.taught=taught.csv --set data.unrated=unrated`); what it learns of
    ladders comes from VMAF and from the first edition (`data.ladder_teacher`). `--set
    optim.trunk_learning_rate=1e-5` goes on with the whole network, for `loop.steps`; `--set
    model.trunks=mobilenet_v1,mobilenet_v2` takes two trunks.

    Cost: 22,400 pictures seen in two or three ways, about 40 minutes of one core, then 2,500 steps
    of the head in two minutes; 9 GB of disk for decoded photographs, 4 GB of memory. The teacher
    takes as long again. Results: docs/embedded.md.
    """
    return Recipe(
        name="embedded",
        summary=(
            "The first edition's MobileNetV1 at rest, read at four depths by eight members that "
            "learnt from opinions, from a teacher and from compression ladders."
        ),
        view=VIEW,
        loop=LoopSettings(steps=2000, validate_every=200),
    )
