"""What is known of a job, as JSON for a client."""

from __future__ import annotations

import json
from typing import Any

from beholder.reports.results import SCHEMA
from beholder.service.job import Job
from beholder.service.messages import Progress


def to_answer(job: Job, progress: Progress | None) -> dict[str, Any]:
    """Describe a job.

    Args:
        job: As it stands in the store.
        progress: How far it is; None when it is not in work.
    """
    return {
        "id": job.id,
        "name": job.name,
        "state": job.state,
        "frames_done": None if progress is None else progress.frames_done,
        "frames_total": None if progress is None else progress.frames_total,
        "model": job.model,
        "result": job.result,
    }


def to_command_json(job: Job, *, timeline: bool) -> str:
    """Write a finished job byte by byte as `beholder score --format json` writes its file.

    Args:
        job: Has a result.
        timeline: Keep the curve over time.
    """
    result = dict(job.result or {})
    if not timeline:
        result.pop("timeline", None)
    return json.dumps({"schema": SCHEMA, "model": job.model, "results": [result]}, indent=2) + "\n"


def to_event(job: Job, progress: Progress | None) -> str:
    """Write one server-sent event, named after the job's state."""
    return f"event: {job.state}\ndata: {json.dumps(to_answer(job, progress))}\n\n"
