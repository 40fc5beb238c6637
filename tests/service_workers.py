"""Worker processes for tests of the service: what a file says is what they do.

They load no model, so they start at once.
"""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from beholder.service.messages import Answer, Order, Progress, Ready, Unable

MODEL = "fake@0"
SCORE = 50.0


def obey(connection: Connection, order: Order) -> None:
    """Do what the file says: `crash`, `hang`, `wait` until `NAME.go` exists, or anything else."""
    connection.send(Ready(model=MODEL, card={"name": "fake"}))
    try:
        while True:
            task = connection.recv()
            _obey(connection, task.path)
            connection.send(Answer(result=make_result(task.name)))
    except (EOFError, ConnectionError):
        return


def refuse(connection: Connection, order: Order) -> None:
    """Fail to load a model."""
    connection.send(Unable(message="expected a model, found none; choose another"))


def die(connection: Connection, order: Order) -> None:
    """End before anything was said."""


def make_result(name: str) -> dict[str, Any]:
    """Give a result as the real worker does."""
    return {
        "path": name,
        "status": "ok",
        "kind": "video",
        "score": SCORE,
        "interval": [40.0, 60.0],
        "word": "fair",
        "frames_used": 1,
        "width_px": 8,
        "height_px": 8,
        "duration_seconds": 1.0,
        "fps": 25.0,
        "timeline": [{"time_seconds": 0.5, "score": SCORE}],
    }


def _obey(connection: Connection, path: str) -> None:
    file = Path(path)
    words = file.read_bytes().split()
    if words == [b"crash"]:
        os.abort()
    if words == [b"hang"]:
        time.sleep(3600)
    if words[:1] == [b"wait"]:
        connection.send(Progress(frames_done=1, frames_total=4))
        go = Path(os.fsdecode(words[1]))
        while not go.exists():
            time.sleep(0.01)


def take_memory(connection: Connection, allowed_bytes: int, wanted_bytes: int) -> None:
    """Say whether memory can be had under a cap."""
    from beholder.service.worker import cap_memory

    cap_memory(allowed_bytes)
    try:
        bytearray(wanted_bytes)
    except MemoryError:
        connection.send("refused")
    else:
        connection.send("taken")
