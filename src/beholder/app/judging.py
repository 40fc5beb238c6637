"""From what stands on the command line of `beholder evaluate` to its figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from beholder.errors import UsageError

if TYPE_CHECKING:
    from beholder.app.entrants import Source
    from beholder.datasets.rows import Row
    from beholder.evaluation.split_set import SplitSet
    from beholder.reports.figures_table import Evaluation
    from beholder.scoring.prediction_files import RatedItem

ALL = "all"
VMAF_SETS = ("ladders",)
"""Sets whose opinions are VMAF, not people's; the models' intervals do not speak of these."""


class Group(StrEnum):
    """What the items of a group have in common."""

    subset = "subset"
    codec = "codec"
    distortion = "distortion"
    content_id = "content_id"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """What is to be judged on what."""

    models: tuple[str, ...]
    """Names or files of Beholder's models."""
    files: tuple[Path, ...]
    """Anyone's predictions."""
    dataset: str | None
    data: Path | None
    split: str
    """An official part, a split file, or `all`."""
    by: Group | None
    cache: Path | None
    jobs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What came of it."""

    items: Sequence[RatedItem]
    """Those that every model has a prediction for."""
    sources: Sequence[Source]
    evaluation: Evaluation


def check(request: Request, *, saves: bool) -> None:
    """Refuse options that do not fit together before any work is done.

    Args:
        request: What was asked for.
        saves: Whether predictions are to be written.

    Raises:
        UsageError: See its text.
    """
    if request.dataset is None and (request.models or not request.files):
        raise UsageError(
            "expected --dataset NAME for a model to be judged on, found none; "
            "see: beholder datasets"
        )
    if (request.dataset is None) != (request.data is None):
        raise UsageError(
            "expected --dataset NAME together with --data ROOT, found only one of them; "
            "give both, or neither for predictions that bring their own opinions"
        )
    if saves and len(request.models) + len(request.files) != 1:
        raise UsageError(
            f"expected one model with --save-predictions, found "
            f"{len(request.models) + len(request.files)}; save them one by one"
        )
    if _is_file(request.split) and request.by is not None:
        raise UsageError(
            "expected --by without a split file, found both; the parts are the groups then"
        )
    if request.dataset is None and request.split != ALL and not _is_file(request.split):
        raise UsageError(
            f"expected a split file (.json) for predictions without --dataset, found "
            f"{request.split!r}; leave --split out, or give a file"
        )


def judge_request(request: Request) -> Judged:
    """Read or compute all predictions and judge them.

    Raises:
        BeholderError: A model, data set or file cannot be read, or too few items are common.
    """
    from beholder.app.contests import common_items, hold_contests, hold_split_contests
    from beholder.app.entrants import check_names
    from beholder.evaluation.split_set import read_splits
    from beholder.reports.figures_table import Evaluation

    splits = read_splits(Path(request.split)) if _is_file(request.split) else None
    items, sources = _gather(request, splits)
    check_names(sources)
    common, left_out = common_items(items, sources)
    people = request.dataset is not None and request.dataset not in VMAF_SETS
    if splits is not None:
        contests = hold_split_contests(common, sources, splits, with_coverage=people)
    else:
        contests, small = hold_contests(common, sources, by=request.by, with_coverage=people)
        left_out += small
    evaluation = Evaluation(
        data=request.dataset or "predictions with opinions",
        split=request.split if splits is None else splits.name,
        scale=_scale(request.dataset),
        models={source.name: source.what for source in sources},
        contests=contests,
        left_out=tuple(left_out),
    )
    return Judged(items=common, sources=sources, evaluation=evaluation)


def _gather(request: Request, splits: SplitSet | None) -> tuple[list[RatedItem], list[Source]]:
    from beholder.app.contests import choose_test_keys
    from beholder.app.entrants import rated_items, read_self_contained

    if request.dataset is None or request.data is None:
        items, sources = read_self_contained(request.files)
        if splits is None:
            return items, sources
        chosen = choose_test_keys([item.path for item in items], splits)
        return [item for item in items if item.path in chosen], sources
    rows = _read_rows(request.dataset, request.data, request.split, splits)
    return rated_items(rows), _sources(request, rows, request.data)


def _read_rows(dataset: str, root: Path, split: str, splits: SplitSet | None) -> dict[str, Row]:
    from beholder.app.contests import choose_part, choose_test_keys
    from beholder.app.entrants import name_rows
    from beholder.datasets.registry import read_dataset

    rows = name_rows(read_dataset(dataset, root), root)
    if splits is None:
        return choose_part(rows, split)
    chosen = choose_test_keys(list(rows), splits)
    return {key: row for key, row in rows.items() if key in chosen}


def _sources(request: Request, rows: dict[str, Row], root: Path) -> list[Source]:
    from beholder.app.entrants import read_source, score_rows
    from beholder.scoring.predictions import open_cache

    # Files first: a slip in one of them shall not cost the time that scoring takes.
    read = [read_source(path, rows, root) for path in request.files]
    if not request.models:
        return read
    from beholder.scoring import Scorer

    scorers = [Scorer(model) for model in request.models]
    with open_cache(request.cache) as cache:
        scored = [score_rows(scorer, rows, cache, jobs=request.jobs) for scorer in scorers]
    return scored + read


def _is_file(split: str) -> bool:
    return split.endswith(".json")


def _scale(dataset: str | None) -> str:
    if dataset is None:
        return "opinions in the unit of the files"
    if dataset in VMAF_SETS:
        return "VMAF, 0 to 100, in place of opinions"
    return "mean opinions of people, brought to 0 to 100"
