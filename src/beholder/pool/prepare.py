"""From a file to what each model of the pool sees: one decode, one preparation per input spec.

Axis letters: V views, H height, W width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from beholder.pool.entry import InputSpec
from beholder.records import Frame, FramePlan, MediaInfo
from beholder.sampling import spread_times
from beholder.sampling.resize import resize

Inputs = dict[InputSpec, np.ndarray]
"""[V, ...] for each spec: V prepared views, of one frame of a picture or all frames of a clip."""

_MAX_ASPECT = 4
"""Of a longer picture only the middle is resized: the square in it comes out the same."""


def prepare_file(path: Path, specs: Iterable[InputSpec], *, num_frames: int) -> Inputs:
    """Decode a file once and prepare it for every spec.

    Args:
        path: An image or a video.
        specs: What the models are fed with.
        num_frames: Frames of a video that models of single frames see.

    Returns:
        The inputs of each spec.

    Raises:
        MediaError: The file cannot be decoded.
    """
    # PyAV is needed for files only.
    from beholder.media import decode, probe

    info = probe(path)
    times = plan_times(info, specs, num_frames=num_frames)
    plan = union_plan(times)
    return prepare_frames(decode(info, plan), plan, times)


def plan_times(
    info: MediaInfo, specs: Iterable[InputSpec], *, num_frames: int
) -> dict[InputSpec, tuple[int, ...]]:
    """Choose for each spec the times in microseconds at which its frames are on screen.

    Single frames are never looked at twice; a clip repeats frames where there are too few.
    """
    single = tuple(dict.fromkeys(spread_times(info, num_frames)))
    clip = {spec: spread_times(info, spec.clip_frames) for spec in specs if spec.clip_frames}
    return {spec: clip.get(spec, single) for spec in specs}


def union_plan(times: dict[InputSpec, tuple[int, ...]]) -> FramePlan:
    """Join the times of all specs, so that the file is decoded once."""
    return FramePlan(times_us=tuple(sorted(set().union(*times.values()))))


def prepare_frames(
    frames: Iterable[Frame], plan: FramePlan, times: dict[InputSpec, tuple[int, ...]]
) -> Inputs:
    """Prepare decoded frames, each as soon as it comes, so that few are held at full size.

    Args:
        frames: One for each time of the plan, in order.
        plan: From `union_plan`.
        times: From `plan_times`.
    """
    prepared: dict[tuple[InputSpec, int], np.ndarray] = {}
    for time_us, frame in zip(plan.times_us, frames, strict=True):
        for spec, wanted in times.items():
            if time_us in wanted:
                prepared[spec, time_us] = prepare(frame.pixels, spec)
    return {
        spec: np.concatenate([prepared[spec, time_us] for time_us in wanted])
        for spec, wanted in times.items()
    }


def prepare(pixels: np.ndarray, spec: InputSpec) -> np.ndarray:
    """Bring one frame to the size and the numbers that a model expects.

    Args:
        pixels: uint8 [H, W, 3], RGB.
        spec: What the model is fed with.

    Returns:
        uint8 [V, size, size, 3], or float32 [V, 3, size, size], as `spec.pixels` says; V is 1 but
        for tiles.
    """
    return np.stack([_normalise(planes, spec) for planes in _fit(pixels, spec)])


def _normalise(planes: np.ndarray, spec: InputSpec) -> np.ndarray:
    if spec.pixels == "uint8":
        whole = np.rint(planes).clip(0, 255).astype(np.uint8)
        return np.ascontiguousarray(whole.transpose(1, 2, 0))
    mean = np.array(spec.mean, np.float32).reshape(3, 1, 1)
    std = np.array(spec.std, np.float32).reshape(3, 1, 1)
    # The cubic filter overshoots; no network has seen values outside 0..255.
    normalised: np.ndarray = (planes.clip(0, 255) - mean) / std
    return normalised


def _fit(pixels: np.ndarray, spec: InputSpec) -> list[np.ndarray]:
    """Return float32 [3, size, size] in the range of pixels, one or the tiles."""
    size = spec.size_px
    if spec.fit == "squash":
        return [resize(pixels, height_px=size, width_px=size, kernel=spec.kernel)]
    short = min(pixels.shape[:2])
    pixels = _middle(pixels, [min(side, _MAX_ASPECT * short) for side in pixels.shape[:2]])
    if spec.fit == "tiles":
        wanted = max(size, min(short, spec.short_px or short))
        return _tiles(_scale(pixels, wanted, spec), size)
    if spec.short_px is None and short >= size:
        pixels = _middle(pixels, (size, size))
    planes = _scale(pixels, spec.short_px or size, spec)
    return [_middle(planes.transpose(1, 2, 0), (size, size)).transpose(2, 0, 1)]


def _scale(pixels: np.ndarray, short_px: int, spec: InputSpec) -> np.ndarray:
    """Resize [H, W, 3] to planes [3, h, w] of which the shorter side is as asked."""
    short = min(pixels.shape[:2])
    height, width = (side * short_px // short for side in pixels.shape[:2])
    return resize(pixels, height_px=height, width_px=width, kernel=spec.kernel)


def _tiles(planes: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut planes [3, h, w] into the fewest squares that cover them, evenly spread."""
    tops, lefts = (
        np.linspace(0, side - size, -(-side // size)).round().astype(int)
        for side in planes.shape[1:]
    )
    return [planes[:, top : top + size, left : left + size] for top in tops for left in lefts]


def _middle(pixels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    top, left = ((have - want) // 2 for have, want in zip(pixels.shape[:2], size, strict=True))
    return pixels[top : top + size[0], left : left + size[1]]
