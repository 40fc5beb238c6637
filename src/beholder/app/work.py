"""Scores many files, on one thread or several, in the order of the inputs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from beholder.records import Failure, Score

if TYPE_CHECKING:
    from beholder.scoring import Scorer


def score_all(
    scorer: Scorer, inputs: Iterable[str | Failure], *, jobs: int, faults: bool = False
) -> Iterator[Score | Failure]:
    """Score every input; each ends as a score or a failure, and none stops the others.

    Args:
        scorer: Shared by all threads.
        inputs: Paths; failures pass through in their place.
        jobs: Files scored at the same time, at least 1.
        faults: Measure named faults too.

    Yields:
        One result per input, in the same order, each as soon as it and all before it are ready.
    """
    if jobs == 1:
        # Without threads Ctrl-C stops at once, within a file.
        yield from (_score_one(scorer, item, faults) for item in inputs)
        return
    executor = ThreadPoolExecutor(jobs)
    try:
        yield from executor.map(lambda item: _score_one(scorer, item, faults), inputs)
    finally:
        # After Ctrl-C: files that wait are dropped, those in work end.
        executor.shutdown(wait=True, cancel_futures=True)


def _score_one(scorer: Scorer, item: str | Failure, faults: bool) -> Score | Failure:
    if isinstance(item, Failure):
        return item
    # Whoever has a scorer has loaded its room; `--help` has not.
    from beholder.scoring.failures import to_failure

    try:
        return scorer.score(item, faults=faults)
    except Exception as error:  # noqa: BLE001 - a defect in one file must not lose the others
        return to_failure(error, path=item)
