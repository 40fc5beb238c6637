"""Where jobs come in, wait, and are asked for: the store, the uploads and the news in one hand."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from beholder.errors import QueueFull, Stopping, UnknownJob
from beholder.service.board import EVERYTHING, Board
from beholder.service.job import Job
from beholder.service.messages import Progress
from beholder.service.settings import Limits
from beholder.service.store import JobStore

_ID_BYTES = 16


class Desk:
    """Takes uploads for the workers and results for the clients."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Open the folder, take up the jobs that it holds, and drop uploads that nobody owns.

        Args:
            folder: Holds `jobs.sqlite` and `uploads/`; made where there is none.
            limits: How many jobs may wait, and how long results are kept.
        """
        self.limits = limits
        self.board = Board()
        self.stopping = threading.Event()
        self._uploads = folder / "uploads"
        self._uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._store = JobStore(folder / "jobs.sqlite")
        self._may_take = threading.Condition()
        self._arriving = 0
        self._sweep()

    def upload_path(self, job_id: str) -> Path:
        """Return where the bytes of a job lie until it is finished."""
        return self._uploads / job_id

    @contextlib.contextmanager
    def arrival(self) -> Iterator[str]:
        """Hold a place in the queue for an upload, and give the id of its job.

        Raises:
            QueueFull: All places are taken.
            Stopping: The service is shutting down.
        """
        if self.stopping.is_set():
            raise Stopping("expected a running service, found one that stops; try again soon")
        if self._arriving + self.num_queued() >= self.limits.queue_length:
            raise QueueFull(
                f"expected fewer than {self.limits.queue_length} files in the queue, found that "
                "it is full; send this one again later"
            )
        job_id = secrets.token_hex(_ID_BYTES)
        self._arriving += 1
        try:
            yield job_id
        except BaseException:
            self.upload_path(job_id).unlink(missing_ok=True)
            raise
        finally:
            self._arriving -= 1

    def submit(self, job_id: str, name: str, *, faults: bool = False) -> Job:
        """Queue an upload that is complete; `faults` asks for what is wrong with it, too."""
        self._store.forget(finished_before_seconds=time.time() - self.limits.keep_seconds)
        self._store.add(job_id, name, faults=faults)
        with self._may_take:
            self._may_take.notify()
        return self.get(job_id)

    def take(self, *, wait_seconds: float) -> Job | None:
        """Begin with the job that waits longest; None when none came in time."""
        with self._may_take:
            job = self._store.take()
            if job is None and not self.stopping.is_set():
                self._may_take.wait(wait_seconds)
                job = self._store.take()
        if job is not None:
            self.board.post(job.id)
        return job

    def tell(self, job_id: str, progress: Progress) -> None:
        """Say how far a job is."""
        self.board.post(job_id, progress)

    def put_back(self, job: Job) -> None:
        """Let a job wait again that was left unfinished."""
        self._store.put_back(job.id)
        self.board.post(job.id)

    def finish(self, job: Job, *, model: str, result: dict[str, Any]) -> None:
        """Keep a job's result and remove its upload."""
        self._store.finish(job.id, model=model, result=result)
        self.upload_path(job.id).unlink(missing_ok=True)
        self.board.post(job.id)

    def get(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            UnknownJob: There is none of that id.
        """
        job = self._store.get(job_id)
        if job is None:
            raise UnknownJob(
                "expected the id of a job, found one that is not known; results are kept for "
                f"{self.limits.keep_seconds / 3600:g} hours, send the file again"
            )
        return job

    async def follow(self, job_id: str, *, every_seconds: float) -> AsyncIterator[Job]:
        """Give the job now, at each of its news, and at least every so often, until it is finished.

        Ends early when the service stops; the job is taken up again at the next start.

        Raises:
            UnknownJob: There is no job of that id.
        """
        with self.board.watch(job_id) as news:
            while True:
                news.clear()
                job = self.get(job_id)
                yield job
                if job.is_finished or self.stopping.is_set():
                    return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), every_seconds)

    def num_queued(self) -> int:
        """Count the jobs that wait."""
        return self._store.count("queued")

    def num_running(self) -> int:
        """Count the jobs in work."""
        return self._store.count("running")

    def stop(self) -> None:
        """Take nothing more in, and let go of everyone who waits."""
        self.stopping.set()
        with self._may_take:
            self._may_take.notify_all()
        self.board.post(EVERYTHING)

    def close(self) -> None:
        """Close the store; nothing may be asked after."""
        self._store.close()

    def _sweep(self) -> None:
        owned = self._store.unfinished()
        for path in self._uploads.iterdir():
            if path.name not in owned:
                path.unlink()
