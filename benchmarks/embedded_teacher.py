"""The teacher of the embedded model: PTM-VQA over frozen networks, cross-fitted on BIQ2021.

    python -m benchmarks.embedded_teacher DATA WORK TAUGHT.csv --groups groups.csv --unrated unrated

DATA is the data folder of `beholder train embedded`. Each entry of the pool is a trunk read at four
depths as the embedded model reads it, from the whole picture at one size: MobileNets at their
public weights, and the best that we trained, the first edition's. For each fifth of the recipe's
training part, heads of PTM-VQA learn from the other four and judge that fifth: one head learns
opinions, one ranks. The held-out part takes no part; of it, and of DATA/unrated, pictures without
opinions, the mean over the five is said. The teacher says the mean of both heads and of what the
first edition says itself. TAUGHT.csv is for `--set data.taught=TAUGHT.csv`; the official test part
is never opened. Figures are agreement with opinions on the training part, each photograph judged by
heads that had not seen it, and on the held-out part. The first edition had seen the training part,
so what it adds shows on the held-out part alone. WORK keeps features and decoded photographs.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from beholder.evaluation.correlation import plcc, srcc
from beholder.models.embedded import Config, build
from beholder.models.start import load_start
from beholder.recipes import apply_overrides
from beholder.recipes.embedded import VIEW, embedded
from beholder.recipes.ptm_vqa import ptm_vqa
from beholder.sampling import apply, plan_windows
from beholder.scoring.onnx_backend import OnnxBackend
from beholder.scoring.weights import read_model
from beholder.training.embedded_task import build_embedded
from beholder.training.material import NO_PICTURES, Material, gather, model_file, unrated_paths
from beholder.training.photos import open_pixels
from beholder.training.predict import predict
from beholder.training.ptm_head import Items, fusion_weights, predict_items, train_head
from benchmarks.record import write_result

COMMAND = (
    "python -m benchmarks.embedded_teacher DATA WORK TAUGHT.csv --groups groups.csv "
    "--unrated unrated"
)
TRAINED = "embedded-1"
"""The first edition: its trunk is an entry, and it speaks for itself, too."""
PUBLIC = {
    "mobilenet_v1": "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite",
    "mobilenet_v2": "mobilenet_v2_1.0_224_quant.tflite",
}
"""Files of the public trunks, both of google-coral/test_data."""


class Entry(NamedTuple):
    """A frozen network of the pool."""

    trunk: str
    side_px: int
    """Of the square that it sees."""
    start: str
    """Its weights: a file in DATA, or a model of the package."""


ENTRIES = {
    "mobilenet_v1_384": Entry("mobilenet_v1", 384, PUBLIC["mobilenet_v1"]),
    "mobilenet_v2_384": Entry("mobilenet_v2", 384, PUBLIC["mobilenet_v2"]),
    "mobilenet_v2_192": Entry("mobilenet_v2", 192, PUBLIC["mobilenet_v2"]),
    "mobilenet_v1_288": Entry("mobilenet_v1", 288, PUBLIC["mobilenet_v1"]),
    "first_edition_384": Entry("mobilenet_v1", 384, TRAINED),
}
HEAD = (
    *("head.kernel_share=0", "head.fusion=concat", "head.members=8"),
    *("loop.steps=2000", "loop.validate_every=2000"),
)
READINGS = {"opinions": (), "ranks": ("head.rank_levels=101",)}
NUM_FOLDS = 5


def main() -> None:
    """Make the teacher's scores and print what each part of it is worth."""
    given = _parse()
    recipe = apply_overrides(embedded(), [f"data.groups={given.groups}", "data.num_groups=0"])
    model = build_embedded(recipe.model)
    load_start(model, [model_file(recipe.data.start, given.data)])
    material = gather(recipe, model, data=given.data, run=given.work, progress=lambda *_: None)
    others = unrated_paths(given.data / given.unrated) if given.unrated else []
    pixels = {"": material.photos.pixels, "_unrated": open_others(others, work=given.work)}
    pixels = {part: pictures for part, pictures in pixels.items() if len(pictures)}
    features = {name: look(name, pixels, data=given.data, work=given.work) for name in ENTRIES}
    figures: dict[str, Any] = {"learned": len(material.train), "folds": NUM_FOLDS}
    fitted, figures["all"] = judge_pool(features, material)
    trained = np.concatenate([ask(pictures) for pictures in pixels.values()])
    teacher = (2 * fitted + trained) / 3
    figures |= {TRAINED: _agreement(trained, material), "teacher": _agreement(teacher, material)}
    root = given.data / recipe.data.photos
    names = [row.path.relative_to(root) for row in material.photos.rows]
    _write(given.taught, [*names, *(p.relative_to(given.data) for p in others)], teacher)
    public = [name for name, entry in ENTRIES.items() if entry.start in PUBLIC.values()]
    for name, entries in {"public": public, **{name: [name] for name in ENTRIES}}.items():
        _, figures[name] = judge_pool({entry: features[entry] for entry in entries}, material)
    print(write_result("embedded_teacher", command=COMMAND, figures=figures))


def judge_pool(
    features: dict[str, np.ndarray], material: Material
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return what heads on some entries say, [photographs and unrated], and how well they do."""
    begun = time.process_time()
    said = {reading: cross_fit(features, material, s) for reading, s in READINGS.items()}
    said["both"] = np.mean(list(said.values()), axis=0)
    figures: dict[str, Any] = {name: _agreement(p, material) for name, p in said.items()}
    figures["seconds"] = round(time.process_time() - begun)
    print(", ".join(features), figures, flush=True)
    return said["both"], figures


def open_others(paths: list[Path], *, work: Path) -> np.ndarray:
    """Decode pictures without opinions, uint8 [pictures, S, S, 3]."""
    if not paths:
        return NO_PICTURES
    side_px = embedded().data.side_px
    cache = work / "unrated_pixels.npy"
    return open_pixels(paths, side_px=side_px, cache=cache, progress=lambda *_: None)


def look(name: str, pixels: dict[str, np.ndarray], *, data: Path, work: Path) -> np.ndarray:
    """Look at all pictures with an entry of the pool, float16 [photographs and unrated, D]."""
    seen = [
        read_features(ENTRIES[name], pictures, data=data, path=work / f"{name}{part}.npy")
        for part, pictures in pixels.items()
    ]
    return np.concatenate(seen)


def read_features(entry: Entry, pixels: np.ndarray, *, data: Path, path: Path) -> np.ndarray:
    """Look at every picture once, float16 [pictures, D]; kept at `path`."""
    if not path.exists():
        model = build(Config(trunks=(entry.trunk,))).eval()
        load_start(model, [model_file(entry.start, data)])
        view = dataclasses.replace(VIEW, overview_area_px=entry.side_px**2)
        seen = predict(model.features, pixels, np.arange(len(pixels)), view=view)
        np.save(path, seen.astype(np.float16))
    found: np.ndarray = np.load(path)
    return found


def ask(pixels: np.ndarray) -> np.ndarray:
    """Ask the first edition about pictures, uint8 [pictures, S, S, 3]; 0..1 as opinions."""
    backend = OnnxBackend(read_model(TRAINED))
    view, line = backend.card.view, backend.card.calibration
    _, height_px, width_px, _ = pixels.shape
    # Pictures of this size are seen whole: one window each.
    windows = plan_windows(height_px, width_px, view)
    said = [backend.run(np.ascontiguousarray(apply(p, windows, view)[0])[None]) for p in pixels]
    return line.slope * np.concatenate(said).astype(np.float64) + line.intercept


def cross_fit(
    features: dict[str, np.ndarray], material: Material, settings: tuple[str, ...]
) -> np.ndarray:
    """Judge every picture by heads that did not learn from it, [photographs and unrated]."""
    recipe = apply_overrides(ptm_vqa(), [*HEAD, *settings])
    names = tuple(material.groups)
    unrated = len(next(iter(features.values()))) - len(names)
    items = Items(
        features={name: values.astype(np.float32) for name, values in features.items()},
        mos=np.append(material.photos.mos, np.full(unrated, np.nan)),
        contents=(*names, *[""] * unrated),
    )
    fold_of = {name: fold % NUM_FOLDS for fold, name in enumerate(_shuffled(names))}
    folds = np.array([fold_of.get(name, -1) for name in items.contents])
    learned = np.isin(np.arange(len(folds)), material.train)
    said = np.zeros(len(folds))
    for fold in range(NUM_FOLDS):
        known = items.at(np.flatnonzero(learned & (folds != fold)))
        weights = fusion_weights(known, recipe.pool, pretexts=dict.fromkeys(features, ""))
        with tempfile.TemporaryDirectory() as run:
            head = train_head(known, recipe, run=Path(run), weights=weights)
        predicted = predict_items(head, items)
        said += np.where(learned, (folds == fold) * predicted, predicted / NUM_FOLDS)
    return said


def _shuffled(names: tuple[str, ...]) -> np.ndarray:
    return np.random.default_rng(0).permutation(sorted(set(names)))


def _agreement(said: np.ndarray, material: Material) -> dict[str, float]:
    found: dict[str, float] = {}
    held = np.concatenate([material.choose, material.calibrate])
    for part, items in {"": material.train, "_held_out": held}.items():
        predicted, mos = said[items], material.photos.mos[items]
        found |= {f"srcc{part}": srcc(predicted, mos), f"plcc{part}": plcc(predicted, mos)}
    return {name: round(value, 4) for name, value in found.items()}


def _write(path: Path, names: list[Path], said: np.ndarray) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["path", "predicted"])
        for name, value in zip(names, 100 * said.clip(0, 1), strict=True):
            writer.writerow([name.as_posix(), round(float(value), 3)])


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("taught", type=Path)
    parser.add_argument("--groups", default="", help="CSV file,split,group in DATA")
    parser.add_argument("--unrated", default="", help="Folder in DATA, pictures without opinions")
    return parser.parse_args()


if __name__ == "__main__":
    main()
