"""Runs a batch: what is not done yet is scored, and every input gets one row."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Protocol

from beholder.batch.cluster import score_on_ray
from beholder.batch.places import as_text
from beholder.batch.rows import Row, to_row
from beholder.batch.settings import Settings
from beholder.batch.store import Store
from beholder.batch.summary import Summary
from beholder.records import Failure
from beholder.reports.results import to_dict

OnProgress = Callable[[int, int], None]
"""Takes the number of inputs that are done and of all."""


class ScoreMany(Protocol):
    """Scores names in any order; see `cluster.score_on_ray`."""

    def __call__(
        self, names: Sequence[str], *, settings: Settings, model_id: str
    ) -> Iterator[tuple[int, list[Row]]]:
        """Yield the number of workers and rows, as they are ready."""
        ...


def run(
    inputs: Iterable[str | Failure],
    output: str,
    *,
    settings: Settings,
    on_progress: OnProgress = lambda *_: None,
    score_many: ScoreMany = score_on_ray,
) -> Summary:
    """Score all inputs that have no row yet.

    Args:
        inputs: Full names, see `places.full_name`; failures become rows as they are.
        output: Folder or URL of a folder for Parquet parts.
        settings: Model, cluster, limits.
        on_progress: Told whenever rows are ready.
        score_many: What scores.

    Raises:
        UsageError: The output holds something else, or is in use.
        ModelError: The model cannot be loaded.
        WorkerLost: Ray broke down; what is done is kept.
        Unreachable: The output does not take rows; what is written is kept.
    """
    from beholder.scoring import Scorer

    began_at_seconds = time.monotonic()
    listed = list(inputs)
    wanted = {as_text(each.path if isinstance(each, Failure) else each): each for each in listed}
    model_id = Scorer(settings.model).model_id
    with Store(output, model=model_id) as store:
        if settings.retry_errors:
            store.forget_errors()
        waiting = [each for path, each in wanted.items() if path not in store.done]
        summary = Summary(
            num_inputs=len(wanted),
            num_repeats=len(listed) - len(wanted),
            num_before=len(wanted) - len(waiting),
        )
        failed = [_failed(each, model_id) for each in waiting if isinstance(each, Failure)]
        summary.count(store.add(failed), workers=0)
        names = [each for each in waiting if not isinstance(each, Failure)]
        on_progress(summary.num_before + summary.num_now, summary.num_inputs)
        # Closed at once, whatever happens here: Ray must have ended before the process does.
        with closing(_score(names, score_many, settings, model_id)) as scored:
            for workers, rows in scored:
                summary.count(store.add(rows), workers=workers)
                on_progress(summary.num_before + summary.num_now, summary.num_inputs)
        summary.errors, summary.num_rows = dict(store.errors.most_common()), len(store.done)
    summary.elapsed_seconds = time.monotonic() - began_at_seconds
    return summary


def _failed(failure: Failure, model_id: str) -> Row:
    return to_row(to_dict(failure), model=model_id, elapsed_seconds=0.0)


def _score(
    names: list[str], score_many: ScoreMany, settings: Settings, model_id: str
) -> Generator[tuple[int, list[Row]]]:
    # Ray takes seconds to start; where all is done it is not asked.
    if names:
        yield from score_many(names, settings=settings, model_id=model_id)
