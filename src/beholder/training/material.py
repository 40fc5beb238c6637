"""What the embedded recipe trains on: photographs in three parts, and ladders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from beholder.cards import ASSETS
from beholder.datasets import biq2021
from beholder.datasets.groups import near_duplicates, read_groups
from beholder.datasets.rows import name_some, with_groups
from beholder.datasets.splits import group_holdout
from beholder.errors import DataError
from beholder.ladders.pack import Pack, read_packs
from beholder.media import IMAGE_SUFFIXES
from beholder.models.embedded import EmbeddedModel
from beholder.scoring.prediction_files import read_predictions
from beholder.scoring.weights import find_model
from beholder.training.photos import Photos, Progress, open_photos, open_pixels
from beholder.training.predict import predict
from beholder.training.recipe import DataSettings, Recipe

CACHE = Path("cache", "photos.npy")
"""Decoded photographs, in the run folder."""

UNRATED = CACHE.with_name("unrated.npy")
"""Decoded pictures without opinions, beside them."""

NO_PICTURES = np.zeros((0, 0, 0, 3), np.uint8)
"""uint8 [0, H, W, 3], what a run without unrated pictures has."""

WHOLE_SCORE = 100.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Material:
    """Photographs and ladders of one run; the parts are places in `photos`."""

    photos: Photos
    packs: tuple[Pack, ...]
    train: np.ndarray
    choose: np.ndarray
    """Decides which weights are kept, and whatever else is chosen."""
    calibrate: np.ndarray
    """With `choose`, fixes line and interval of the score; nothing else is done on it."""
    groups: tuple[str, ...] = ()
    """Near-duplicates of each photograph share one."""
    taught: np.ndarray | None = None
    """float64 [photographs and unrated], 0..1: what teachers say; None without them."""
    unrated: np.ndarray = field(default_factory=lambda: NO_PICTURES)
    """uint8 [unrated, S, S, 3]: pictures without opinions, only for the head's lesson."""


def gather(
    recipe: Recipe, start: EmbeddedModel, *, data: Path, run: Path, progress: Progress
) -> Material:
    """Read the official training part and split it; the official test part is never opened.

    Args:
        recipe: Says where in the data folder things are, and how large the parts are.
        start: The starting trunk, whose features find near-duplicates where no file tells them.
        data: Data folder.
        run: Run folder, for the cache of decoded photographs.
        progress: Called while photographs are decoded.

    Raises:
        DataError: The data folder is not laid out as the recipe says.
    """
    settings = recipe.data
    rows = [row for row in biq2021.read(data / settings.photos) if row.split == "train"]
    packs = read_packs(data / settings.ladders) if settings.num_groups else []
    cache = run / CACHE
    photos = open_photos(rows, side_px=settings.side_px, cache=cache, progress=progress)
    groups = _groups(photos, start, recipe, data)
    train, choose, calibrate = _split(groups, settings)
    names = [row.path.relative_to(data / settings.photos) for row in rows]
    unrated = NO_PICTURES
    if settings.unrated:
        others = unrated_paths(data / settings.unrated)
        names += [path.relative_to(data) for path in others]
        cache = run / UNRATED
        unrated = open_pixels(others, side_px=settings.side_px, cache=cache, progress=progress)
    return Material(
        photos=photos,
        packs=tuple(packs),
        train=train,
        choose=choose,
        calibrate=calibrate,
        groups=tuple(groups),
        taught=read_taught(settings, names, data=data) if settings.taught else None,
        unrated=unrated,
    )


def model_file(name: str, data: Path) -> Path:
    """Return the file of a model that a recipe names: one of the package, or one in `data`."""
    return find_model(name) if name in ASSETS else data / name


def unrated_paths(folder: Path) -> list[Path]:
    """List the pictures of a folder in the order of their names.

    Raises:
        DataError: There are none.
    """
    found = sorted(folder.glob("*")) if folder.is_dir() else []
    pictures = [path for path in found if path.suffix.lower() in IMAGE_SUFFIXES]
    if not pictures:
        raise DataError(
            f"expected PNG or JPEG pictures or the like in {str(folder)!r}, found none; "
            "make some with: python -m benchmarks.unrated_set"
        )
    return pictures


def read_taught(settings: DataSettings, names: Sequence[Path], *, data: Path) -> np.ndarray:
    """Read what teachers say of each picture: the mean of their scores, 0..1.

    Args:
        settings: Names the files; scores in them are 0..100.
        names: The pictures as the files name them.
        data: Folder that the files are in.

    Raises:
        DataError: A file cannot be read, lacks a picture, or holds scores beyond 0..100.
    """
    paths = [name.as_posix() for name in names]
    files = [data / name.strip() for name in settings.taught.split(",")]
    return np.mean([_read_scores(file, paths) for file in files], axis=0)


def _read_scores(file: Path, paths: Sequence[str]) -> np.ndarray:
    predicted = read_predictions(file, with_mos=False).predicted
    absent = [path for path in paths if path not in predicted]
    if absent:
        raise DataError(
            f"expected a score for each of {len(paths)} pictures in {str(file)!r}, found none "
            f"for {name_some(absent)}; judge the whole training part, and data.unrated"
        )
    scores = np.array([predicted[path] for path in paths])
    if scores.min() < 0 or scores.max() > WHOLE_SCORE:
        raise DataError(
            f"expected scores in 0..100 in {str(file)!r}, found {scores.min():g} to "
            f"{scores.max():g}; bring them to the scale of beholder score"
        )
    return scores / WHOLE_SCORE


def _groups(photos: Photos, start: EmbeddedModel, recipe: Recipe, data: Path) -> list[str]:
    """Return the near-duplicate group of each photograph, from a file or from its features."""
    if recipe.data.groups:
        groups = read_groups(data / recipe.data.groups)
        return [row.content_id for row in with_groups(photos.rows, groups)]
    features = predict(start.features, photos.pixels, np.arange(len(photos.rows)), view=recipe.view)
    # All features are positive: only around their mean do directions tell pictures apart.
    return [str(group) for group in near_duplicates(features - features.mean(0))]


def _split(groups: list[str], settings: DataSettings) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    held = group_holdout(groups, settings.holdout_fraction, seed=settings.seed)
    places = np.flatnonzero(held)
    held_groups = [groups[place] for place in places]
    chosen = group_holdout(held_groups, settings.choose_fraction, seed=settings.seed + 1)
    return np.flatnonzero(~held), places[chosen], places[~chosen]
