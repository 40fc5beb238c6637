"""The teacher of a run: its network with trained weights, and its features on disk.

Axis letters: N clips, V variants of a clip, D features.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from beholder.backbones.checkpoints import read_checkpoint
from beholder.errors import DataError, ModelError
from beholder.models.internvqa import FEATURES, InternVqa, choose_trained
from beholder.models.students import ClipNetwork, build, load_start
from beholder.models.tuning.files import hash_weights
from beholder.training.devices import OnDevice
from beholder.training.distil_data import Material, num_variants, training_view
from beholder.training.distil_recipe import DistilData, DistilRecipe
from beholder.training.processes import make_once

Progress = Callable[[int, int], None]

_FLOAT_BYTES = 4


def build_network(settings: ClipNetwork, data: DistilData) -> InternVqa:
    """Build teacher or student for the views of a recipe, with random weights."""
    return build(settings, frames=data.frames, side=data.side_px)


def start_network(
    settings: ClipNetwork, data: DistilData, *, weights: Path | None, mean: float
) -> InternVqa:
    """Build teacher or student with its starting weights.

    Args:
        settings: Which network.
        data: Gives frames and side.
        weights: Of a run or public; None for random ones.
        mean: Mean opinion of what it will learn from, 0..1: the first prediction of an untrained
            head.

    Raises:
        DataError: No such weights, or those of another network.
    """
    model = build_network(settings, data)
    nn.init.constant_(model.regress.bias, mean)
    if weights is None:
        return model
    try:
        load_start(model, read_checkpoint(weights))
    except ModelError as error:
        raise DataError(f"expected weights of {settings.network} at {weights}: {error}") from error
    return model


def start_teacher(recipe: DistilRecipe, *, data: Path, mean: float) -> InternVqa:
    """Build the teacher of a recipe; only what learns on asks for gradients."""
    settings = recipe.teacher
    teacher = start_network(settings, recipe.data, weights=data / settings.weights, mean=mean)
    choose_trained(teacher, settings.trained)
    return teacher


def open_features(
    teacher: InternVqa, material: Material, recipe: DistilRecipe, *, cache: Path, progress: Progress
) -> np.ndarray:
    """Compute what a teacher makes of every training view, once for all runs of one cache.

    Args:
        teacher: It does not learn any more.
        material: Its training part is looked at.
        recipe: Which windows, mirrored or not; device and precision.
        cache: Folder for the features; made if missing.
        progress: Called with the number of clips done and their total.

    Returns:
        float32 [N, V, D], N training clips, mapped from disk.
    """
    variants, total = num_variants(recipe.data), len(material.train)
    store = cache / f"teacher_{_identity(teacher, material, recipe)}.f32"
    store.parent.mkdir(parents=True, exist_ok=True)
    made = functools.partial(_compute, teacher, material, recipe, store=store, progress=progress)
    make_once(store, made)
    return np.memmap(store, np.float32, "r", shape=(total, variants, FEATURES))


def _compute(
    teacher: InternVqa, material: Material, recipe: DistilRecipe, *, store: Path, progress: Progress
) -> None:
    """Look at clip after clip; goes on where an interrupted run stopped."""
    device, data = torch.device(recipe.loop.accelerator), recipe.data
    eye = OnDevice(teacher.to(device), device).eval()
    half = torch.autocast(
        device.type, torch.bfloat16, enabled=recipe.loop.precision == "bf16-mixed"
    )
    length = num_variants(data) * FEATURES * _FLOAT_BYTES
    part, total = store.with_suffix(".part"), len(material.train)
    with part.open("ab") as file, torch.inference_mode(), half:
        # A clip that was cut off by an interruption is computed again.
        done = file.tell() // length
        file.truncate(done * length)
        for place in range(done, total):
            windows = material.clips[int(material.train[place])]
            for variant in range(num_variants(data)):
                # One view at a time: a large teacher meets a small machine's memory.
                view = torch.from_numpy(training_view(windows, variant, data)[None])
                file.write(eye.features(view)[0].float().numpy().tobytes())
            file.flush()
            progress(place + 1, total)
    teacher.cpu()
    part.replace(store)


def _identity(teacher: InternVqa, material: Material, recipe: DistilRecipe) -> str:
    """Name teacher, clips and views: others of any of them, another file."""
    paths = [str(material.rows[place].path) for place in material.train]
    facts = (recipe.teacher, recipe.data.view, recipe.data.flips, recipe.loop.precision)
    text = "\n".join([hash_weights(teacher), repr(facts), *paths])
    return hashlib.sha256(text.encode()).hexdigest()[:12]
