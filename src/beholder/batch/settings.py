"""How a batch is run."""

from __future__ import annotations

from dataclasses import dataclass

from beholder.cards import EMBEDDED


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What a user may choose beside input and output."""

    model: str = EMBEDDED
    """Name, file or folder; on a cluster it lies at the same place on every machine."""
    address: str | None = None
    """Of a Ray cluster; None starts Ray on this machine and ends it afterwards."""
    workers: int | None = None
    """Files scored at once; None takes one per core."""
    file_seconds: float = 600.0
    """Longest time that one file may take."""
    memory_bytes: int = 2 * 2**30
    """Most memory that one file may take, beside the model."""
    retry_errors: bool = False
    """Try inputs again that ended as errors in an earlier run."""
