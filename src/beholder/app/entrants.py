"""What an evaluation compares: the rated items, and what each model says of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from beholder.app.progress import track
from beholder.app.work import score_all
from beholder.datasets.rows import Row, name_some
from beholder.errors import BeholderError, DataError, UsageError
from beholder.records import Failure
from beholder.scoring.prediction_files import RatedItem, read_predictions
from beholder.scoring.predictions import Prediction, PredictionCache

POINTS = 100
"""Opinions in 0..1 become points of the scale of scores."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The predictions of one model, by the path of the item."""

    name: str
    what: str
    """The model's id and what it has learnt from, or the name of the file."""
    predicted: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]] | None = None
    """90 % interval of each score; None where the model gives none."""
    failures: tuple[Failure, ...] = ()
    """Items that it could not score."""


def name_rows(rows: Sequence[Row], root: Path) -> dict[str, Row]:
    """Name rows by their path below the root, with forward slashes."""
    return {_key(row.path, root): row for row in rows}


def rated_items(rows: Mapping[str, Row]) -> list[RatedItem]:
    """Bring the opinions of rows to the scale of scores, 0..100."""
    return [
        RatedItem(
            path=key,
            mos=POINTS * row.mos,
            content_id=row.content_id,
            mos_std=None if row.mos_std is None else POINTS * row.mos_std,
            subset=row.subset,
            codec=row.codec,
            distortion=row.distortion,
        )
        for key, row in rows.items()
    ]


def read_source(path: Path, keys: Mapping[str, object], root: Path) -> Source:
    """Read anyone's predictions for the items of a data set.

    Args:
        path: CSV file with the columns `path,predicted`.
        keys: The items, by their path below the root.
        root: Of the data set. A path in the file may be absolute, below the root, or a file name
            that stands for one item only.

    Raises:
        DataError: The file cannot be read, or none of its paths is an item.
    """
    found = read_predictions(path, with_mos=False)
    by_name: dict[str, list[str]] = {}
    for key in keys:
        by_name.setdefault(PurePosixPath(key).name, []).append(key)
    predicted = {}
    for given, value in found.predicted.items():
        key = _key(root / given, root)
        same_name = by_name.get(PurePosixPath(given).name, [])
        if key in keys:
            predicted[key] = value
        elif "/" not in given and len(same_name) == 1:
            predicted[same_name[0]] = value
    if not predicted:
        raise DataError(
            f"expected paths below {root} in {path}, found none of the chosen items, "
            f"but {name_some(list(found.predicted))}; check --data, --split and the file"
        )
    return Source(name=found.name, what=path.name, predicted=predicted)


def read_self_contained(paths: Sequence[Path]) -> tuple[list[RatedItem], list[Source]]:
    """Read files that hold opinions and predictions.

    Args:
        paths: CSV files with the columns `path,mos,predicted`, at least one.

    Returns:
        Every item once, in order of first appearance, and the predictions of each file.

    Raises:
        DataError: A file cannot be read, or two files give one item different opinions.
    """
    files = [read_predictions(path, with_mos=True) for path in paths]
    items: dict[str, RatedItem] = {}
    for file in files:
        differing = [
            item.path for item in file.items if items.setdefault(item.path, item).mos != item.mos
        ]
        if differing:
            raise DataError(
                f"expected the same opinions in all files, found others in {file.name!r} "
                f"for {name_some(differing)}; bring them to one scale"
            )
    sources = [
        Source(name=file.name, what=path.name, predicted=file.predicted)
        for file, path in zip(files, paths, strict=True)
    ]
    return list(items.values()), sources


def score_rows(model: str, rows: Mapping[str, Row], cache: PredictionCache, *, jobs: int) -> Source:
    """Score the items of a data set, each content once; what the cache knows is not scored again.

    Args:
        model: A name from `beholder models`, or an exported file, which gives the table its name.
        rows: The items, by their path below the root.
        cache: Where scores are found and kept.
        jobs: Files scored at the same time.

    Raises:
        UnknownName: Neither a model of that name nor a file at that path.
        ModelError: The file is not one of Beholder's models.
        DataError: The cache cannot be used.
    """
    from beholder.scoring import Scorer

    scorer, name = Scorer(model), Path(model).stem
    model_id = scorer.model_id
    hashes, failures = _hash_rows(rows, cache)
    known = {sha256: cache.find(sha256, model_id) for sha256 in hashes.values()}
    todo = {sha256: rows[key] for key, sha256 in hashes.items() if known[sha256] is None}
    scored = score_all(scorer, [str(row.path) for row in todo.values()], jobs=jobs)
    results = track(scored, total=len(todo), label=f"Scoring with {name}")
    failed = {}
    for sha256, result in zip(todo, results, strict=True):
        if isinstance(result, Failure):
            failed[sha256] = result
        else:
            known[sha256] = Prediction.of(result)
            cache.keep(sha256, model_id, Prediction.of(result))
    failures += [
        dataclasses.replace(failed[sha256], path=key)
        for key, sha256 in hashes.items()
        if sha256 in failed
    ]
    found = {key: known[sha256] for key, sha256 in hashes.items()}
    predictions = {key: each for key, each in found.items() if each is not None}
    learnt = "; ".join(scorer.card.trained_on)
    return Source(
        name=name,
        what=f"{model_id}, learnt from: {learnt}" if learnt else model_id,
        predicted={key: each.score for key, each in predictions.items()},
        intervals={key: each.interval for key, each in predictions.items()},
        failures=tuple(failures),
    )


def check_names(sources: Sequence[Source]) -> None:
    """Refuse models that a table could not tell apart.

    Raises:
        UsageError: Two have the same name.
    """
    names = [source.name for source in sources]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise UsageError(
            f"expected models of different names, found twice {name_some(twice)}; "
            "rename a file, after which a model or its predictions are called"
        )


def _hash_rows(
    rows: Mapping[str, Row], cache: PredictionCache
) -> tuple[dict[str, str], list[Failure]]:
    hashes, failures = {}, []
    for key, row in track(rows.items(), total=len(rows), label="Looking for known scores"):
        try:
            hashes[key] = cache.hash_file(row.path)
        except BeholderError as error:
            failures.append(Failure(path=key, error=error.code, message=str(error)))
    return hashes, failures


def _key(path: Path, root: Path) -> str:
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
