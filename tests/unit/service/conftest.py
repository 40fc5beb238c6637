from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra `serve` is not installed")

from starlette.testclient import TestClient

from beholder.service.server import open_service
from beholder.service.settings import Limits, Settings
from tests.service_workers import obey

LIMITS = Limits(
    upload_bytes=100_000, queue_length=4, job_seconds=60.0, stall_seconds=5.0, keep_seconds=3600.0
)

Start = Callable[..., TestClient]


@contextmanager
def starter(state: Path) -> Iterator[Start]:
    """Give a function that starts a service with obedient workers, and ends all at the end."""
    with ExitStack() as stack:

        def start(
            *, main: Any = obey, limits: dict[str, Any] | None = None, **more: Any
        ) -> TestClient:
            limited = replace(LIMITS, **(limits or {}))
            settings = Settings(state=state, limits=limited, **{"grace_seconds": 5.0, **more})
            app = stack.enter_context(open_service(settings, main=main))
            client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
            return stack.enter_context(client)

        start.stop = stack.close  # type: ignore[attr-defined]
        yield start


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a service; the state folder is the same for each start within a test."""
    with starter(tmp_path / "state") as start:
        yield start


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service for all tests of a file, as starting one takes half a second."""
    with starter(tmp_path_factory.mktemp("service")) as start:
        yield start()


@pytest.fixture
def uploads(client: TestClient) -> Path:
    """Where the uploads of `client` wait."""
    return client.app.state.parts.desk.upload_path("x").parent  # type: ignore[attr-defined]


def post(
    client: TestClient, path: str, content: bytes = b"x", *, name: str = "a.mp4", **more: Any
) -> Any:
    return client.post(path, files={"file": (name, content)}, **more)


def finish(client: TestClient, job_id: str, *, seconds: float = 20.0) -> dict[str, Any]:
    """Wait for a job to end."""
    return wait_for(client, job_id, {"done", "failed"}, seconds=seconds)


def wait_for(
    client: TestClient, job_id: str, states: set[str], *, seconds: float = 20.0
) -> dict[str, Any]:
    """Wait for a job to be in one of some states."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        job = client.get(f"/v1/jobs/{job_id}").json()
        if job["state"] in states:
            return job
        time.sleep(0.02)
    raise AssertionError(job)
