"""What is known of one uploaded file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

State = Literal["queued", "running", "done", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One file on its way to a result."""

    id: str
    """A secret of its uploader: who knows it may read the result."""
    name: str
    """The file's name as the uploader gave it; shown, and never taken for a path."""
    state: State
    attempts: int
    """How many times a worker began with it."""
    faults: bool = False
    """Whether its uploader wants to know what is wrong with it."""
    model: str | None = None
    """Id of the model that scored it; None until then."""
    result: dict[str, Any] | None = None
    """A result as `beholder score --format json --timeline` prints it; None until it is there."""

    @property
    def is_finished(self) -> bool:
        """True when there is a result, be it a score or an error."""
        return self.result is not None
