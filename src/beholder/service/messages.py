"""What the service and its worker processes say to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What a worker process is started with."""

    model: str
    pixels: int
    duration_seconds: float
    memory_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """A worker has its model."""

    model: str
    """The model's id."""
    card: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unable:
    """A worker cannot load its model, and ends."""

    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Score this file."""

    path: str
    name: str
    """What the result calls it."""
    faults: bool = False
    """Name what is wrong with it, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far the file in work is."""

    frames_done: int
    frames_total: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The end of a task: a score or an error, in the schema of the command's JSON."""

    result: dict[str, Any]
