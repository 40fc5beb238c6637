"""The shapes of the answers, for /openapi.json.

Answers are made by the code that the command uses; these models describe them and are not used
to write them, so that the bytes stay the same.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Percent = Annotated[float, Field(ge=0, le=100)]


class Problem(BaseModel):
    """Why a request or a file did not succeed."""

    status: Literal["error"]
    error: str = Field(description="A code of docs/errors.md.")
    message: str = Field(description="What was expected, what was found, what to do.")


class TimelinePoint(BaseModel):
    """The score of one frame."""

    time_seconds: float
    score: Percent


class FaultSpan(BaseModel):
    """A stretch of time in which a fault was seen."""

    start_seconds: float
    end_seconds: float
    value: float


class Fault(BaseModel):
    """One reason why a file may look bad; see docs/faults.md."""

    name: str
    value: float
    unit: str
    limit: float
    share: float
    named: bool
    spans: list[FaultSpan]


class OkResult(BaseModel):
    """A score, as `beholder score --format json` prints it."""

    path: str = Field(description="The name of the upload.")
    status: Literal["ok"]
    kind: Literal["image", "video"]
    score: Percent
    interval: tuple[Percent, Percent] = Field(description="90 % interval.")
    word: Literal["bad", "poor", "fair", "good", "excellent"]
    frames_used: int
    width_px: int
    height_px: int
    duration_seconds: float | None
    fps: float | None
    timeline: list[TimelinePoint] | None = None
    notes: list[str] | None = None
    faults: list[Fault] | None = None


class ErrorResult(Problem):
    """Why one file has no score."""

    path: str = Field(description="The name of the upload.")


class ScoreAnswer(BaseModel):
    """What the command prints for one file."""

    schema_: Literal[1] = Field(alias="schema")
    model: str
    results: list[OkResult]


class JobAnswer(BaseModel):
    """One uploaded file on its way to a result."""

    id: str
    name: str
    state: Literal["queued", "running", "done", "failed"]
    frames_done: int | None
    frames_total: int | None
    model: str | None
    result: OkResult | ErrorResult | None = Field(description="With its timeline, when finished.")


class ModelsAnswer(BaseModel):
    """The model that scores, with its card."""

    schema_: Literal[1] = Field(alias="schema")
    model: str
    models: list[dict[str, Any]]


class LimitsAnswer(BaseModel):
    """What the service takes."""

    upload_bytes: int
    pixels: int
    duration_seconds: float
    queue_length: int
    memory_bytes: int
    job_seconds: float
    stall_seconds: float
    keep_seconds: float


class HealthAnswer(BaseModel):
    """Whether the service works."""

    status: Literal["ok", "stopping"]
    version: str
    workers: int
    queued: int
    running: int
