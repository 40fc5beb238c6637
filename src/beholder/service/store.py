"""The list of jobs in SQLite: it is the queue as well, and it outlives the process."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from beholder.service.job import Job

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL,
    model TEXT,
    result TEXT,
    finished_at_seconds REAL
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, number);
"""
_FIELDS = "id, name, state, attempts, faults, model, result"


class JobStore:
    """Jobs in the order in which they came; may be used by several threads.

    Every change is one statement and is on disk when the call returns, so a process that is
    killed leaves each job either before or after a change.
    """

    def __init__(self, path: Path) -> None:
        """Open the list, and put back what a killed process left in work.

        Args:
            path: The database file; made where there is none.
        """
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.executescript(_SCHEMA)
        self._change("UPDATE jobs SET state = 'queued' WHERE state = 'running'")

    def add(self, job_id: str, name: str, *, faults: bool = False) -> None:
        """Put a job at the end of the queue; `faults` asks for what is wrong, too."""
        self._change(
            "INSERT INTO jobs (id, name, faults, state) VALUES (?, ?, ?, 'queued')",
            *(job_id, name, faults),
        )

    def take(self) -> Job | None:
        """Begin with the job that waits longest; None when none waits."""
        return self._one(
            "UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE number = "
            "(SELECT number FROM jobs WHERE state = 'queued' ORDER BY number LIMIT 1) "
            f"RETURNING {_FIELDS}"
        )

    def put_back(self, job_id: str) -> None:
        """Let a job wait again, in its old place, as if it had not been begun."""
        self._change(
            "UPDATE jobs SET state = 'queued', attempts = attempts - 1 WHERE id = ?", job_id
        )

    def finish(self, job_id: str, *, model: str, result: dict[str, Any]) -> None:
        """Keep the result of a job.

        Args:
            job_id: A job that was taken.
            model: Id of the model.
            result: A score or an error in the schema of the command's JSON.
        """
        state = "done" if result["status"] == "ok" else "failed"
        self._change(
            "UPDATE jobs SET state = ?, model = ?, result = ?, finished_at_seconds = ? "
            "WHERE id = ?",
            *(state, model, json.dumps(result), time.time(), job_id),
        )

    def get(self, job_id: str) -> Job | None:
        """Return a job; None when there is none of that id."""
        return self._one(f"SELECT {_FIELDS} FROM jobs WHERE id = ?", job_id)

    def unfinished(self) -> set[str]:
        """Return the ids of all jobs that wait or are in work."""
        return {row[0] for row in self._all("SELECT id FROM jobs WHERE result IS NULL")}

    def count(self, state: str) -> int:
        """Count the jobs in a state."""
        (row,) = self._all("SELECT count(*) FROM jobs WHERE state = ?", state)
        return int(row[0])

    def forget(self, *, finished_before_seconds: float) -> None:
        """Drop the jobs that were finished before an instant, in seconds since 1970."""
        self._change("DELETE FROM jobs WHERE finished_at_seconds < ?", finished_before_seconds)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def _change(self, statement: str, *values: object) -> None:
        self._all(statement, *values)

    def _one(self, statement: str, *values: object) -> Job | None:
        rows = self._all(statement, *values)
        if not rows:
            return None
        job_id, name, state, attempts, faults, model, result = rows[0]
        return Job(
            id=job_id,
            name=name,
            state=state,
            attempts=attempts,
            faults=bool(faults),
            model=model,
            result=None if result is None else json.loads(result),
        )
