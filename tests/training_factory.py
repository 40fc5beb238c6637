"""Makes a small data folder in the layout that `beholder train embedded` reads."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import torch

from beholder.ladders.pack import Pack
from beholder.models.embedded import build
from beholder.training.material import Material
from beholder.training.photos import Photos
from tests.media_factory import make_image
from tests.start_factory import make_onnx

SIDE = 96
SETTINGS = (
    *(f"data.side_px={SIDE}", "data.crop_px=64", "data.num_photos=4", "data.num_groups=1"),
    *("data.start=start.onnx", "data.groups=groups.csv"),
    *("data.holdout_fraction=0.5", "data.choose_fraction=0.3"),
    *("head.steps=4", "head.batch=8", "head.num_groups=1", "optim.trunk_learning_rate=1e-4"),
    *("loop.steps=4", "loop.validate_every=2", "loop.log_every=1", "loop.precision=32-true"),
)
"""Overrides with which the recipe runs on such a folder in seconds."""


def make_data(root: Path, *, num_photos: int = 96) -> Path:
    """Write photographs whose opinion is their contrast, one ladder, and starting weights."""
    rng = np.random.default_rng(0)
    _make_photos(root, num_photos, rng)
    _make_ladder(root / "ladders", rng)
    torch.manual_seed(0)
    make_onnx(root / "start.onnx", build())
    return root


def _make_photos(root: Path, number: int, rng: np.random.Generator) -> None:
    images = root / "BIQ2021" / "Images"
    images.mkdir(parents=True)
    tables = {"train": [("Image Name", "MOS")], "test": [("Image Name", "MOS")]}
    groups = [("file", "split", "group")]
    for i in range(number):
        contrast = rng.uniform(0, 1)
        noise = rng.uniform(-120, 120, (SIDE, SIDE, 3)) * contrast
        name = f"ss0{i % 3 + 1} ({i}).jpg"
        make_image(images / name, np.rint(128 + noise).astype(np.uint8))
        split = "test" if i % 6 == 5 else "train"
        tables[split].append((name, f"{contrast:.4f}"))
        groups.append((name, split, str(i // 2)))
    for split, lines in tables.items():
        _write_csv(root / "BIQ2021" / f"{split.title()} (Images and MOS).csv", lines)
    _write_csv(root / "groups.csv", groups)


def _make_ladder(folder: Path, rng: np.random.Generator) -> None:
    folder.mkdir()
    source = rng.integers(0, 256, (2, SIDE, SIDE + 32, 3), dtype=np.uint8)
    rungs = [source, source // 2 + 64, source // 4 + 96, source // 8 + 112]
    np.save(folder / "noise.npy", np.stack(rungs))
    facts = [("source", 0, 100.0), ("h264", 20, 80.0), ("h264", 30, 60.0), ("h264", 40, 40.0)]
    record = {
        "content_id": "noise",
        "frame_indices": [0, 1],
        "rungs": [{"codec": c, "crf": q, "vmaf": [v, v]} for c, q, v in facts],
    }
    (folder / "noise.json").write_text(json.dumps(record), encoding="utf-8")


def _write_csv(path: Path, lines: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def make_material() -> Material:
    """Make six photographs of noise, five to learn from, and a ladder of three rungs."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (6, 320, 320, 3), dtype=np.uint8)
    pack = Pack(
        content_id="noise",
        frames=rng.integers(0, 256, (3, 2, 96, 128, 3), dtype=np.uint8),
        codecs=("h264", "source", "h264"),
        crfs=(20, 0, 30),
        vmaf=np.array([[80.0, 81.0], [100.0, 100.0], [60.0, 61.0]]),
    )
    return Material(
        photos=Photos(pixels=pixels, mos=np.linspace(0, 1, 6), rows=(None,) * 6),
        packs=(pack,),
        train=np.arange(5),
        choose=np.array([5]),
        calibrate=np.zeros(0, int),
    )
