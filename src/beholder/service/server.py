"""Starts everything in the right order, and ends it in the reverse one."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from beholder.errors import UsageError
from beholder.service.api import Parts, build_app
from beholder.service.desk import Desk
from beholder.service.metrics import Metrics
from beholder.service.pool import WorkerPool
from beholder.service.process import WorkerMain
from beholder.service.settings import Settings
from beholder.service.worker import work

logger = logging.getLogger(__name__)


def serve(settings: Settings, *, on_ready: Callable[[str, str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; then end in good order.

    Args:
        settings: Everything that can be chosen.
        on_ready: Told the address and the id of the model once requests are taken.

    Raises:
        UsageError: The address or the state folder is in use or cannot be had.
        ModelError: The model cannot be loaded.
    """
    os.umask(0o077)  # jobs and uploads are for the service's user alone
    with contextlib.closing(_listen(settings)) as listener, open_service(settings) as app:
        parts: Parts = app.state.parts
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=max(int(settings.grace_seconds), 1),
        )
        on_ready(_address(listener), parts.pool.ready.model)
        _Server(config, on_signal=parts.desk.stop).run(sockets=[listener])


@contextlib.contextmanager
def open_service(settings: Settings, *, main: WorkerMain = work) -> Iterator[FastAPI]:
    """Start store and workers, and give the application that stands on them.

    Args:
        settings: Everything that can be chosen.
        main: Runs in each worker process.

    Raises:
        UsageError: The state folder is in use or cannot be written.
        ModelError: The model cannot be loaded.
    """
    metrics = Metrics()
    with _own(settings.state):
        desk = Desk(settings.state, settings.limits)
        pool = WorkerPool(desk, settings, metrics, main=main)
        metrics.watch("beholder_jobs_queued", "Jobs that wait.", desk.num_queued)
        metrics.watch("beholder_jobs_running", "Jobs in work.", desk.num_running)
        metrics.watch("beholder_workers", "Worker processes.", lambda: len(pool.pids()))
        try:
            pool.start()
            yield build_app(Parts(desk=desk, pool=pool, metrics=metrics, settings=settings))
        finally:
            pool.stop(grace_seconds=settings.grace_seconds)
            desk.close()


class _Server(uvicorn.Server):
    """Tells us of a signal at once, so that those who wait for a job are let go."""

    def __init__(self, config: uvicorn.Config, *, on_signal: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_signal = on_signal

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take signals; unlike uvicorn, do not raise them again, because we have more to end."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        self._on_signal()
        super().handle_exit(sig, frame)


@contextlib.contextmanager
def _own(folder: Path) -> Iterator[None]:
    """Hold a folder against a second service, which would take this one's jobs."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise UsageError(
            f"expected a folder that can be written, found {str(folder)!r}: {error.strerror}; "
            "choose another --state"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(
                f"expected a state folder of its own, found {str(folder)!r} in use by another "
                "service; stop it or choose another --state"
            ) from error
        yield


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=128)
    except OSError as error:
        raise UsageError(
            f"expected a free address, found {settings.host} port {settings.port}: "
            f"{error.strerror}; choose another --port or --host"
        ) from error


def _address(listener: socket.socket) -> str:
    host, port, *_ = _name(listener)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _name(listener: socket.socket) -> tuple[Any, ...]:
    name: tuple[Any, ...] = listener.getsockname()
    return name
