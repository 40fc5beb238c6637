"""What may run in the worker process of a batch in its place: processes that misbehave."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

from beholder.records import Failure
from beholder.reports.results import to_dict
from beholder.service.messages import Answer, Order, Ready

MODEL = "fake@1"


def misbehave(connection: Connection, order: Order) -> None:
    """Answer every file, but die on `dies.*` and hang on `hangs.*`."""
    connection.send(Ready(model=MODEL, card={}))
    while True:
        task = connection.recv()
        if Path(task.path).stem == "dies":
            os._exit(9)
        if Path(task.path).stem == "hangs":
            time.sleep(60)
        result = to_dict(Failure(path=task.name, error="answered", message=task.path))
        connection.send(Answer(result=result))
