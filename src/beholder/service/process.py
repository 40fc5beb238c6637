"""One worker process, seen from the service: started, asked, and replaced when it fails."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from beholder.errors import ModelError, OutOfTime, WorkerLost
from beholder.service.messages import Answer, Order, Progress, Ready, Task, Unable

logger = logging.getLogger(__name__)

WorkerMain = Callable[[Connection, Order], None]
"""What runs in the process; must be importable by name."""

_START_SECONDS = 300.0
_LOOK_SECONDS = 0.2
_END_SECONDS = 10.0


class Interrupted(Exception):
    """The service is stopping, and the file in work was left."""


class WorkerProcess:
    """A process that scores one file at a time; used by one thread."""

    def __init__(self, main: WorkerMain, order: Order) -> None:
        """Remember what to start; `start` does it.

        Args:
            main: Runs in the process.
            order: Model and limits.
        """
        self._main = main
        self._order = order
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._is_in_use = False

    def start(self) -> Ready:
        """Start the process and wait until it has its model.

        Raises:
            ModelError: It cannot load the model.
            WorkerLost: It died, or took too long.
        """
        # A fresh interpreter: a fork of a process with threads may hang.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=self._main, args=(theirs, self._order), daemon=True)
        self._process.start()
        theirs.close()
        self._is_in_use = True
        try:
            if not self._connection.poll(_START_SECONDS):
                raise EOFError
            said = self._connection.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise WorkerLost(
                "expected a worker process that starts, found that it died; look at the log"
            ) from error
        if isinstance(said, Unable):
            self.end()
            raise ModelError(said.message)
        ready: Ready = said
        return ready

    @property
    def is_alive(self) -> bool:
        """True while the process runs; False as soon as it was told to end."""
        # A killed process may take its time to go, on a busy machine.
        return self._is_in_use and self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int | None:
        """The number of the process; None before it was started."""
        return None if self._process is None else self._process.pid

    def score(
        self,
        task: Task,
        *,
        seconds: float,
        on_progress: Callable[[Progress], None],
        stopping: threading.Event,
    ) -> dict[str, Any]:
        """Score a file; after any error the process has ended and must be started again.

        Args:
            task: The file.
            seconds: How long it may take.
            on_progress: Told how far it is.
            stopping: When set, the file is left.

        Returns:
            A result in the schema of the command's JSON.

        Raises:
            WorkerLost: The process died.
            OutOfTime: It took too long and was ended.
            Interrupted: `stopping` was set.
        """
        deadline = time.monotonic() + seconds
        try:
            self._send(task)
            while (said := self._receive(deadline, stopping)) is not None:
                if isinstance(said, Answer):
                    return said.result
                on_progress(said)
        except (EOFError, OSError) as error:
            raise WorkerLost(
                f"expected a score, found that the process which scored the file {self._fate()}; "
                "the file may be made to break decoders, try: beholder score"
            ) from error
        except Interrupted:
            self.end()
            raise
        self.end()
        raise OutOfTime(
            f"expected a file that is scored within {seconds:g} s, found one that takes longer; "
            "cut it, or start the service with a larger --max-seconds"
        )

    def end(self) -> None:
        """End the process, whatever it does; harmless when it has ended."""
        self._is_in_use = False
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.kill()
            self._process.join(_END_SECONDS)

    def _send(self, task: Task) -> None:
        if self._connection is None:
            raise EOFError
        self._connection.send(task)

    def _receive(self, deadline: float, stopping: threading.Event) -> Answer | Progress | None:
        """Wait for a message; None when the time is over."""
        while self._connection is not None and time.monotonic() < deadline:
            if self._connection.poll(_LOOK_SECONDS):
                said: Answer | Progress = self._connection.recv()
                return said
            if stopping.is_set():
                raise Interrupted
        return None

    def _fate(self) -> str:
        if self._process is not None:
            self._process.join(_END_SECONDS)  # a process that dies closes its connection first
        self.end()
        code = None if self._process is None else self._process.exitcode
        if code is None:
            return "closed its connection"
        return f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
