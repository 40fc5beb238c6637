"""Decoded frames of ladders in one array per content, for training without video decoding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholder.errors import DataError
from beholder.ladders.manifest import Rung
from beholder.media.decode import decode
from beholder.media.probe import probe
from beholder.records import FramePlan


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """The same few frames of every rung of one content."""

    content_id: str
    frames: np.ndarray
    """uint8 [R, T, H, W, 3], RGB: R rungs, T frames; mapped from disk, read when touched."""
    codecs: tuple[str, ...]
    """Codec of each rung."""
    crfs: tuple[int, ...]
    """Constant rate factor of each rung."""
    vmaf: np.ndarray
    """float64 [R, T], VMAF of these frames, 0..100."""


def write_pack(
    rungs: Sequence[Rung], ladder_dir: str | Path, pack_dir: str | Path, *, num_frames: int = 2
) -> None:
    """Decode frames of all rungs of one content into `<content>.npy`, with their facts in JSON.

    The JSON is written last: a content is complete when it is there, and is not made again.

    Args:
        rungs: The rungs of one content.
        ladder_dir: Folder of the manifest, to which the rungs' paths are relative.
        pack_dir: Folder to write to; it is made when missing.
        num_frames: Frames of each rung, spread evenly; the same ones for all rungs.

    Raises:
        MediaError: A clip is missing or damaged.
        DataError: VMAF was not measured; training needs it.
    """
    content_id = rungs[0].content_id
    if not all(rung.vmaf_frames for rung in rungs):
        raise DataError(
            f"expected VMAF of all rungs of {content_id!r} to pack them for training, found some "
            "without; install beholder[vmaf] and make the ladder anew in another folder"
        )
    facts = Path(pack_dir, f"{content_id}.json")
    if facts.exists():
        return
    facts.parent.mkdir(parents=True, exist_ok=True)
    # Middles of equal parts: never the first frame, which encoders treat better than the others.
    total = rungs[0].num_frames
    indices = [(2 * i + 1) * total // (2 * num_frames) for i in range(num_frames)]
    frames = [_read_frames(Path(ladder_dir, r.path), indices, fps=r.fps) for r in rungs]
    np.save(facts.with_suffix(".npy"), np.stack(frames))
    record = {
        "content_id": content_id,
        "frame_indices": indices,
        "rungs": [
            {"codec": r.codec, "crf": r.crf, "vmaf": [r.vmaf_frames[i] for i in indices]}
            for r in rungs
        ],
    }
    facts.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def read_packs(pack_dir: str | Path) -> list[Pack]:
    """Open all complete packs of a folder in the order of their names.

    Args:
        pack_dir: Folder that `write_pack` wrote to.

    Raises:
        DataError: The folder holds no packs, or one is not of our making.
    """
    paths = sorted(Path(pack_dir).glob("*.json"))
    if not paths:
        raise DataError(
            f"expected packed ladders in {str(pack_dir)!r}, found none; "
            "make them with: beholder ladder make SOURCES OUT --pack DIR"
        )
    return [_read_pack(path) for path in paths]


def _read_pack(path: Path) -> Pack:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        rungs = record["rungs"]
        frames: np.ndarray = np.load(path.with_suffix(".npy"), mmap_mode="r")
        pack = Pack(
            content_id=record["content_id"],
            frames=frames,
            codecs=tuple(rung["codec"] for rung in rungs),
            crfs=tuple(rung["crf"] for rung in rungs),
            vmaf=np.array([rung["vmaf"] for rung in rungs], dtype=np.float64),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"expected a packed ladder in {str(path)!r}: {error}; delete it and pack again"
        ) from error
    if pack.frames.shape[:2] != pack.vmaf.shape:
        raise DataError(
            f"expected frames for {pack.vmaf.shape} rungs and times in {str(path)!r}, "
            f"found {pack.frames.shape[:2]}; delete it and pack again"
        )
    return pack


def _read_frames(path: Path, indices: Sequence[int], *, fps: float) -> np.ndarray:
    """Decode as the scorer does, so that training sees the pixels that scoring sees."""
    # In the middle of its time a frame is shown whatever a container's clock rounds to.
    times_us = tuple(round(1e6 * (index + 0.5) / fps) for index in indices)
    frames = decode(probe(path), FramePlan(times_us=times_us))
    return np.stack([frame.pixels for frame in frames])
