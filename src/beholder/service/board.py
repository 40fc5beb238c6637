"""Tells coroutines that wait for a job when it has moved."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from beholder.service.messages import Progress

EVERYTHING = ""
"""Stands for all jobs, e.g. when the service stops."""


class Board:
    """Where the threads of the workers post news, and the coroutines of the clients read them."""

    def __init__(self) -> None:
        """Make a board that nobody reads yet."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._readers: dict[str, set[asyncio.Event]] = {}
        self._progress: dict[str, Progress] = {}

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say on which event loop the readers run."""
        self._loop = loop

    def progress(self, job_id: str) -> Progress | None:
        """Return how far a job in work is; None when it has not said so."""
        return self._progress.get(job_id)

    def post(self, job_id: str, progress: Progress | None = None) -> None:
        """Say, from any thread, that a job has moved.

        Args:
            job_id: The job, or `EVERYTHING`.
            progress: How far it is; None when it is not in work.
        """
        if progress is None:
            self._progress.pop(job_id, None)
        else:
            self._progress[job_id] = progress
        if self._loop is not None:
            # The loop may have closed since: then there are no readers left.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._wake, job_id)

    @contextlib.contextmanager
    def watch(self, job_id: str) -> Iterator[asyncio.Event]:
        """Give an event that is set at each news of a job; the reader clears it."""
        news = asyncio.Event()
        self._readers.setdefault(job_id, set()).add(news)
        try:
            yield news
        finally:
            readers = self._readers[job_id]
            readers.discard(news)
            if not readers:
                del self._readers[job_id]

    def _wake(self, job_id: str) -> None:
        ids = list(self._readers) if job_id == EVERYTHING else [job_id]
        for each in ids:
            for news in self._readers.get(each, ()):
                news.set()
