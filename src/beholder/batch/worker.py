"""What Ray keeps running on every core: a guard, and beside it a process that scores.

Decoders are written in C, and one file in a million breaks them. So a file is opened in a process
of its own; when it dies or hangs, its guard makes the file an error and starts another.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from beholder.batch.places import on_this_machine
from beholder.batch.rows import Row, to_row, to_table
from beholder.errors import BeholderError, ModelError, OutOfTime
from beholder.reports.results import to_dict
from beholder.scoring.failures import to_failure
from beholder.service.messages import Order, Task
from beholder.service.process import WorkerMain, WorkerProcess
from beholder.service.worker import work

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "name"
"""The column of the tables that workers get: names as the bytes that the file system has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What a worker is started with."""

    model: str
    model_id: str
    """What the model must be: a cluster may have another file at the same place."""
    file_seconds: float
    memory_bytes: int


class Worker:
    """Scores tables of names; Ray makes one per core and calls it."""

    def __init__(self, assignment: Assignment, *, main: WorkerMain = work) -> None:
        """Start the process and wait until it has its model.

        Args:
            assignment: Model and limits.
            main: Runs in the process.

        Raises:
            ModelError: The model cannot be loaded, or is another.
            WorkerLost: The process died while it started.
        """
        self._assignment = assignment
        order = Order(
            model=assignment.model,
            pixels=sys.maxsize,
            duration_seconds=float("inf"),
            memory_bytes=assignment.memory_bytes,
        )
        self._process = WorkerProcess(main, order)
        self._start()

    def __call__(self, names: pa.Table) -> pa.Table:
        """Score files one after another.

        Args:
            names: One column `name` of bytes: full names of files, see `places.full_name`.

        Returns:
            One row per name, in the same order.
        """
        return to_table(self.score(os.fsdecode(name)) for name in names[NAME].to_pylist())

    def score(self, place: str) -> Row:
        """Score one file; it ends as a row whatever happens to it.

        Raises:
            ModelError: The process had to be started again and cannot load the model.
            WorkerLost: The process had to be started again and died: the machine is ill, not
                the file.
        """
        if not self._process.is_alive:
            self._start()
        began_at_seconds = time.monotonic()
        try:
            with on_this_machine(place) as path:
                result = self._ask(Task(path=path, name=place))
        except BeholderError as error:
            result = to_dict(to_failure(error, path=place))
        elapsed_seconds = time.monotonic() - began_at_seconds
        return to_row(result, model=self._assignment.model_id, elapsed_seconds=elapsed_seconds)

    def close(self) -> None:
        """End the process."""
        self._process.end()

    def _start(self) -> None:
        found = self._process.start().model
        if found != self._assignment.model_id:
            self._process.end()
            raise ModelError(
                f"expected the model {self._assignment.model_id} on every machine, found {found}; "
                "copy the same file to the same place everywhere"
            )

    def _ask(self, task: Task) -> dict[str, Any]:
        seconds = self._assignment.file_seconds
        try:
            return self._process.score(
                task, seconds=seconds, on_progress=lambda _: None, stopping=threading.Event()
            )
        except OutOfTime as error:
            raise OutOfTime(
                f"expected a file that is scored within {seconds:g} s, found one that takes "
                "longer; cut it, or give a larger --max-seconds with --retry-errors"
            ) from error
