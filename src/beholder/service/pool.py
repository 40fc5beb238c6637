"""The workers: each is a process that scores, and a thread that hands it one job after another."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from beholder.errors import ServiceError, WorkerLost
from beholder.records import Failure
from beholder.reports.results import to_dict
from beholder.service.desk import Desk
from beholder.service.job import Job
from beholder.service.messages import Order, Ready, Task
from beholder.service.metrics import Metrics
from beholder.service.process import Interrupted, WorkerMain, WorkerProcess
from beholder.service.settings import Settings
from beholder.service.worker import work

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
"""A file that was in work each time that the whole service died is not tried for ever."""
_LOOK_SECONDS = 1.0
_PAUSE_SECONDS = 2.0


class WorkerPool:
    """A fixed number of workers; one that dies or hangs is replaced."""

    def __init__(
        self, desk: Desk, settings: Settings, metrics: Metrics, *, main: WorkerMain = work
    ) -> None:
        """Prepare the workers; `start` starts them.

        Args:
            desk: Where jobs come from and results go to.
            settings: Model, limits, number of workers.
            metrics: Counts jobs and replaced workers.
            main: Runs in each process.
        """
        self._desk = desk
        self._limits = settings.limits
        self._metrics = metrics
        self._leave = threading.Event()
        self._ready: Ready | None = None
        order = Order(
            model=settings.model,
            pixels=settings.limits.pixels,
            duration_seconds=settings.limits.duration_seconds,
            memory_bytes=settings.limits.memory_bytes,
        )
        self._workers = [WorkerProcess(main, order) for _ in range(settings.workers)]
        self._threads = [
            threading.Thread(target=self._keep, args=(worker,), name="worker", daemon=True)
            for worker in self._workers
        ]

    @property
    def ready(self) -> Ready:
        """Id and card of the model.

        Raises:
            WorkerLost: The pool was not started.
        """
        if self._ready is None:
            raise WorkerLost("expected a worker that is ready, found none; start the pool first")
        return self._ready

    def start(self) -> None:
        """Start the first worker, wait until it has its model, and start the others.

        Raises:
            ModelError: The model cannot be loaded.
            WorkerLost: The process died while it started.
        """
        self._ready = self._workers[0].start()
        for thread in self._threads:
            thread.start()

    def stop(self, *, grace_seconds: float) -> None:
        """Let the files in work come to an end, leave those that do not, and end the processes.

        Args:
            grace_seconds: How long to wait; a file that is left goes back into the queue.
        """
        self._desk.stop()
        started = [thread for thread in self._threads if thread.ident is not None]
        deadline = time.monotonic() + grace_seconds
        for thread in started:
            thread.join(max(deadline - time.monotonic(), 0))
        self._leave.set()
        for thread in started:
            thread.join()
        for worker in self._workers:
            worker.end()

    def pids(self) -> list[int]:
        """List the numbers of the processes that run."""
        return [each.pid for each in self._workers if each.is_alive and each.pid is not None]

    def _keep(self, worker: WorkerProcess) -> None:
        """Serve until the desk stops; no job is taken before the process is ready."""
        while not self._desk.stopping.is_set():
            try:
                self._revive(worker)
                job = self._desk.take(wait_seconds=_LOOK_SECONDS)
                if job is not None:
                    self._serve(worker, job)
            except Exception:  # a full disk, say; the next try may go well
                logger.exception("a worker cannot go on")
                self._desk.stopping.wait(_PAUSE_SECONDS)

    def _revive(self, worker: WorkerProcess) -> None:
        if worker.is_alive:
            return
        if worker.pid is not None:
            self._metrics.count_restart()
        worker.start()

    def _serve(self, worker: WorkerProcess, job: Job) -> None:
        if not worker.is_alive:  # it died while it had nothing to do; that is not the job's fault
            self._desk.put_back(job)
            return
        started_at_seconds = time.monotonic()
        try:
            result = self._score(worker, job)
        except Interrupted:
            self._desk.put_back(job)
            return
        except ServiceError as error:
            logger.warning("job %s: %s", job.id, error)
            result = to_dict(Failure(path=job.name, error=error.code, message=str(error)))
        self._desk.finish(job, model=self.ready.model, result=result)
        outcome = "ok" if result["status"] == "ok" else result["error"]
        self._metrics.count_job(outcome, seconds=time.monotonic() - started_at_seconds)

    def _score(self, worker: WorkerProcess, job: Job) -> dict[str, Any]:
        if job.attempts > MAX_ATTEMPTS:
            raise WorkerLost(
                f"expected a file that can be scored, found that the service died {MAX_ATTEMPTS} "
                "times while it was in work; try: beholder score"
            )
        path = str(self._desk.upload_path(job.id))
        return worker.score(
            Task(path=path, name=job.name, faults=job.faults),
            seconds=self._limits.job_seconds,
            on_progress=lambda progress: self._desk.tell(job.id, progress),
            stopping=self._leave,
        )
