"""What a run of InternVQA is: settings, one dataclass per concern."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from beholder.errors import UsageError
from beholder.models.internvqa import Trained
from beholder.models.students import ClipNetwork
from beholder.records import ViewSpec
from beholder.training.recipe import LoopSettings

Stage = Literal["tune", "distil", "evaluate"]
"""Train on opinions alone, train with a teacher, or only judge."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DistilData:
    """Which clips, and how they are looked at. Paths are relative to the data folder."""

    sets: str = "ladder=ladders"
    """NAME=FOLDER of each set, commas between them; names of `beholder datasets`."""
    choose_sets: str = ""
    """Sets that are held out whole, to choose and to calibrate; empty: a share of the others."""
    test_sets: str = ""
    """Sets that are tested on whole; empty: the test part of `sets`."""
    split: str = ""
    """A fixed split of the one set in `sets`, e.g. `waterloo_ivc_4k_internvqa`."""
    missing: Literal["refuse", "skip"] = "refuse"
    """What to do about clips whose files are not there."""
    start: str = ""
    """Weights to start from: `model.safetensors` of a run of the same network, or a public file of
    its backbone; empty: random ones."""
    cache: str = ""
    """Folder for decoded clips and features of teachers, for several runs; empty: in the run."""
    frames: int = 8
    """Of each clip, spread over it."""
    side_px: int = 224
    """Side of the square views."""
    short_side_px: int = 224
    """Frames with a larger shorter side are shrunk to it before squares are cut."""
    windows: int = 2
    """Squares of each frame, the first one in the middle; all frames of a clip are cut alike. One
    is drawn in training, their mean is the answer."""
    flips: Literal["yes", "no"] = "yes"
    """Whether half of the training views are mirrored."""
    batch: int = 8
    """Clips per step."""
    test_fraction: float = 0.2
    """Share of a set without fixed split that is kept for the test, whole contents."""
    holdout_fraction: float = 0.1
    """Share of the training part that is kept out, whole contents, to choose and to calibrate."""
    repeat: int = 0
    """Another one draws other parts."""
    seed: int = 0
    """Of the starting weights and of the order of the clips."""

    def __post_init__(self) -> None:
        """Refuse empty clips and batches."""
        if min(self.frames, self.windows, self.batch) < 1 or self.side_px > self.short_side_px:
            raise UsageError(
                "expected data.frames, data.windows and data.batch of 1 or more and data.side_px "
                f"of at most data.short_side_px, found {self.frames}, {self.windows}, {self.batch} "
                f"and {self.side_px} of {self.short_side_px}"
            )

    @property
    def view(self) -> ViewSpec:
        """How these clips are looked at, in training as in use."""
        return ViewSpec(
            frames_per_second=1.0,
            min_frames=self.frames,
            max_frames=self.frames,
            overview_area_px=self.side_px**2,
            # No frame is small enough to be seen whole only.
            whole_area_px=0,
            detail_side_px=self.side_px,
            detail_short_side_px=self.short_side_px,
            image_details=self.windows,
            frame_details=self.windows,
            detail_weight=1.0,
            size_multiple_px=self.side_px,
            mean=(123.675, 116.28, 103.53),
            std=(58.395, 57.12, 57.375),
            moving_details=False,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class TeacherSettings(ClipNetwork):
    """The large network, and what of it learns on while it teaches."""

    network: str = "internvideo2_1b"
    drop_path: float = 0.3
    weights: str = "teacher.safetensors"
    """Its `model.safetensors`, from a run that tuned it."""
    trained: Trained = "last_block_and_head"
    """`released`: all but the blocks before the last, as the released code does. `none`: its
    features are computed once and kept on disk."""
    alignment: Literal["both", "student"] = "both"
    """Whose features the alignment moves; `student`: the teacher learns from opinions alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LessonSettings:
    """Weights of the parts of the loss; all 1 in the paper."""

    alignment_weight: float = 1.0
    student_weight: float = 1.0
    teacher_weight: float = 1.0
    beta: float = 2.0
    """Difference at which the alignment turns from quadratic to linear."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DistilOptim:
    """AdamW with linear warm-up and cosine decay."""

    learning_rate: float = 1e-4
    weight_decay: float = 0.05
    warmup_steps: int = 200
    layer_decay: float = 0.75
    """Every block of an InternVideo2 learns at this share of the rate of the next one."""
    average_decay: float = 0.0
    """Of the exponential moving average of the weights; 0: the weights themselves are kept."""


_LOOP = LoopSettings(steps=3000, validate_every=300)


@dataclass(frozen=True, kw_only=True, slots=True)
class DistilRecipe:
    """One named run of InternVQA."""

    name: str
    summary: str
    stage: Stage
    student: ClipNetwork = field(default_factory=ClipNetwork)
    """What is trained, in the first stage the later teacher."""
    teacher: TeacherSettings = field(default_factory=TeacherSettings)
    """Used by the stage `distil`."""
    data: DistilData = field(default_factory=DistilData)
    lesson: LessonSettings = field(default_factory=LessonSettings)
    optim: DistilOptim = field(default_factory=DistilOptim)
    loop: LoopSettings = _LOOP

    def __post_init__(self) -> None:
        """Refuse to judge weights that nobody trained."""
        if self.stage == "evaluate" and not self.data.start:
            raise UsageError(
                "expected data.start, the weights to judge; give the model.safetensors of a run"
            )

    def to_json(self) -> str:
        """Write the recipe as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @staticmethod
    def from_json(text: str) -> DistilRecipe:
        """Read what `to_json` wrote; gives an equal recipe."""
        data: dict[str, Any] = json.loads(text)
        return DistilRecipe(
            student=ClipNetwork(**data.pop("student")),
            teacher=TeacherSettings(**data.pop("teacher")),
            data=DistilData(**data.pop("data")),
            lesson=LessonSettings(**data.pop("lesson")),
            optim=DistilOptim(**data.pop("optim")),
            loop=LoopSettings(**data.pop("loop")),
            **data,
        )
