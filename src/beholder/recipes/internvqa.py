"""The stages of InternVQA: tune a teacher, distil it, judge; and the same at a small scale."""

from __future__ import annotations

import dataclasses

from beholder.models.students import ClipNetwork
from beholder.training.distil_recipe import (
    DistilData,
    DistilOptim,
    DistilRecipe,
    TeacherSettings,
)
from beholder.training.recipe import LoopSettings

_SETS = DistilData(
    sets="waterloo_ivc_4k=waterloo_ivc_4k", split="waterloo_ivc_4k_internvqa", cache="cache"
)


def internvqa_teacher() -> DistilRecipe:
    """Tune InternVideo2-1B on opinions of compressed clips: the teacher of InternVQA.

    Command: `beholder train internvqa_teacher --data DATA --out RUN --set
    data.start=InternVideo2-1B.pth`, where DATA/waterloo_ivc_4k is the set as its makers distribute
    it; `--set data.sets=bvi_hd=bvi_hd --set data.split=bvi_hd_internvqa` takes the paper's other
    set, and `--set data.start=...` any public file of this size.

    Cost: 3,000 steps of 8 clips, 20 epochs of 1,200: wants a graphics card, `--set
    loop.accelerator=cuda`, several of them through torchrun. Results: not run, docs/internvqa.md.
    """
    return DistilRecipe(
        name="internvqa_teacher",
        summary="InternVideo2-1B tuned on opinions of compressed clips.",
        stage="tune",
        student=ClipNetwork(network="internvideo2_1b", drop_path=0.3, checkpointed=40),
        data=_SETS,
        optim=DistilOptim(learning_rate=2e-5),
    )


def internvqa_student() -> DistilRecipe:
    """Train a student of InternVQA on opinions alone, from scratch or from public weights.

    Command: `beholder train internvqa_student --data DATA --out RUN --set data.start=S14.pth`;
    without `data.start` from scratch. `--set student.network=video_swin_t` takes another network:
    models/students.py has all. See `internvqa_teacher` for DATA.

    Cost: 3,000 steps of 8 clips. Results: not run, docs/internvqa.md.
    """
    return DistilRecipe(
        name="internvqa_student",
        summary="A small video network trained on opinions of compressed clips.",
        stage="tune",
        data=_SETS,
    )


def internvqa_distil() -> DistilRecipe:
    """Teach a student of InternVQA: align its features with a teacher's, both rating clips.

    Command: `beholder train internvqa_distil --data DATA --out RUN --set data.start=S14.pth`, where
    DATA/teacher.safetensors is the `model.safetensors` of a run of `internvqa_teacher`. `--set
    student.network=swinv2_t` teaches another network; `--set teacher.trained=released` lets the
    teacher learn what the released code trains, `none` nothing, with its features kept on disk;
    `--set teacher.alignment=student` keeps the alignment from moving the teacher.

    Cost: 3,000 steps of 8 clips, most of it the teacher. Results: not run, docs/internvqa.md.
    """
    return DistilRecipe(
        name="internvqa_distil",
        summary="A small video network taught by InternVideo2-1B.",
        stage="distil",
        data=_SETS,
    )


def internvqa_evaluate() -> DistilRecipe:
    """Judge weights of InternVQA on the test part of a set, and calibrate them.

    Command: `beholder train internvqa_evaluate --data DATA --out RUN --set
    data.start=model.safetensors`, with the same `data` and `student` settings as the run that made
    them; `--set data.test_sets=bvi_hd=bvi_hd` judges on another set. RUN gets figures.json,
    predictions.csv and a card, so that `beholder export` can make one file of it.

    Cost: one look at the held-out clips.
    """
    return DistilRecipe(
        name="internvqa_evaluate",
        summary="Weights of InternVQA, judged on one set.",
        stage="evaluate",
        data=dataclasses.replace(_SETS, start="model.safetensors"),
    )


_LADDERS = DistilData(
    sets="ladder=ladders/train",
    choose_sets="ladder=ladders/val",
    test_sets="ladder=ladders/test",
    cache="cache",
    frames=4,
    side_px=112,
    short_side_px=270,
    batch=16,
)
_NANO_LOOP = LoopSettings(steps=600, validate_every=100, threads=1)
_NANO_OPTIM = DistilOptim(learning_rate=5e-4, warmup_steps=50, layer_decay=1.0)


def internvqa_teacher_nano() -> DistilRecipe:
    """Train a small InternVideo2 on compression ladders, as the teacher of nano students.

    Command: `beholder train internvqa_teacher_nano --data DATA --out RUN`, where DATA/ladders/train
    and val and test were made by `beholder ladder make` from different contents; VMAF is the label.

    Cost: 600 steps of 16 clips of 4 frames, about 20 minutes of one core, and 10 to decode 2,000
    clips. Results: docs/internvqa.md.
    """
    return DistilRecipe(
        name="internvqa_teacher_nano",
        summary="A small InternVideo2 trained on compression ladders with VMAF as label.",
        stage="tune",
        student=ClipNetwork(network="internvideo2_xs"),
        data=_LADDERS,
        optim=_NANO_OPTIM,
        loop=_NANO_LOOP,
    )


def internvqa_student_nano() -> DistilRecipe:
    """Train a nano student on compression ladders alone, without a teacher.

    Command: `beholder train internvqa_student_nano --data DATA --out RUN --set
    student.network=qmamba_nano`; see `internvqa_teacher_nano`.

    Cost: 600 steps, 2 to 20 minutes of one core by network. Results: docs/internvqa.md.
    """
    return DistilRecipe(
        name="internvqa_student_nano",
        summary="A nano video network trained on compression ladders with VMAF as label.",
        stage="tune",
        student=ClipNetwork(network="internvideo2_nano", drop_path=0.0),
        data=_LADDERS,
        optim=_NANO_OPTIM,
        loop=_NANO_LOOP,
    )


def internvqa_distil_nano() -> DistilRecipe:
    """Teach a nano student on compression ladders; its teacher is of `internvqa_teacher_nano`.

    Command: `beholder train internvqa_distil_nano --data DATA --out RUN`; see
    `internvqa_distil` for the settings.

    Cost: 600 steps, 7 minutes more than the student alone. Results: docs/internvqa.md.
    """
    return DistilRecipe(
        name="internvqa_distil_nano",
        summary="A nano video network taught by a small InternVideo2.",
        stage="distil",
        student=ClipNetwork(network="internvideo2_nano", drop_path=0.0),
        teacher=TeacherSettings(network="internvideo2_xs", drop_path=0.1),
        data=_LADDERS,
        optim=_NANO_OPTIM,
        loop=_NANO_LOOP,
    )
