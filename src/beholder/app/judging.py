"""From what stands on the command line of `beholder evaluate` to its figures."""

from __future__ import annotations

import dataclasses
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
VMAF_SETS = ("ladder",)
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
    """An official part, a fixed split of the literature (its test part), a split file, or `all`."""
    by: Group | None
    mos_range: tuple[float, float] | None
    """For the data set `csv`: opinions of the worst and of the best quality."""
    num_votes: int | None
    """People who rated each item, where neither data set nor file says."""
    skip_missing: bool
    """Leave out items whose files are not there, instead of refusing the data set."""
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
    items, sources, left_out = _gather(request, splits)
    check_names(sources)
    items, lacking = common_items(items, sources)
    people = request.dataset is not None and request.dataset not in VMAF_SETS
    small: list[str] = []
    if splits is not None:
        contests = hold_split_contests(items, sources, splits, with_coverage=people)
    else:
        contests, small = hold_contests(items, sources, by=request.by, with_coverage=people)
    evaluation = Evaluation(
        data=request.dataset or "predictions with opinions",
        split=request.split if splits is None else splits.name,
        scale=_scale(request.dataset),
        models={source.name: source.what for source in sources},
        contests=contests,
        left_out=(*left_out, *lacking, *small),
    )
    return Judged(items=items, sources=sources, evaluation=evaluation)


def _gather(
    request: Request, splits: SplitSet | None
) -> tuple[list[RatedItem], list[Source], list[str]]:
    """Return the chosen items, what each model says of them, and what is left out."""
    from beholder.app.contests import choose_test_keys
    from beholder.app.entrants import rated_items, read_self_contained

    if request.dataset is None or request.data is None:
        items, sources = read_self_contained(request.files)
        if splits is not None:
            chosen = choose_test_keys([item.path for item in items], splits)
            items = [item for item in items if item.path in chosen]
        return _with_votes(items, request.num_votes), sources, []
    root = request.data if request.data.is_dir() else request.data.parent
    rows, left_out = _read_rows(request, root, splits)
    items = _with_votes(rated_items(rows), request.num_votes)
    return items, _sources(request, rows, root), left_out


def _read_rows(
    request: Request, root: Path, splits: SplitSet | None
) -> tuple[dict[str, Row], list[str]]:
    """Choose first and look for the files then: who has the test part alone can judge on it."""
    from beholder.app.contests import choose_part, choose_test_keys
    from beholder.app.entrants import name_rows
    from beholder.datasets.registry import read_labels
    from beholder.datasets.rows import check_present, check_unique, missing_names, name_some

    name, data = str(request.dataset), Path(str(request.data))
    labelled = read_labels(name, data, mos_range=request.mos_range)
    check_unique(labelled)
    rows = name_rows(labelled, root)
    if splits is None:
        rows = choose_part(rows, request.split)
    else:
        chosen = choose_test_keys(list(rows), splits)
        rows = {key: row for key, row in rows.items() if key in chosen}
    if not request.skip_missing:
        advice = f"see beholder datasets check {name} --data {data}, or leave out: --skip-missing"
        check_present(list(rows.values()), root, advice=advice)
        return rows, []
    missing = missing_names(list(rows.values()), root)
    present = {key: row for key, row in rows.items() if row.path.is_file()}
    sentence = f"Left out: {len(missing)} of {len(rows)} items whose files are not there: "
    return present, [f"{sentence}{name_some(missing)}."] if missing else []


def _sources(request: Request, rows: dict[str, Row], root: Path) -> list[Source]:
    from beholder.app.entrants import read_source, score_rows
    from beholder.scoring.predictions import open_cache

    # Files first: a slip in one of them shall not cost the time that scoring takes.
    read = [read_source(path, rows, root) for path in request.files]
    if not request.models:
        return read
    with open_cache(request.cache) as cache:
        scored = [score_rows(model, rows, cache, jobs=request.jobs) for model in request.models]
    return scored + read


def _with_votes(items: list[RatedItem], num_votes: int | None) -> list[RatedItem]:
    if num_votes is None:
        return items
    return [
        item if item.num_votes else dataclasses.replace(item, num_votes=num_votes) for item in items
    ]


def _is_file(split: str) -> bool:
    return split.endswith(".json")


def _scale(dataset: str | None) -> str:
    if dataset is None:
        return "opinions in the unit of the files"
    if dataset in VMAF_SETS:
        return "VMAF, 0 to 100, in place of opinions"
    return "mean opinions of people, brought to 0 to 100"
