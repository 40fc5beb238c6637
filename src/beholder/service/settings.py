"""What an operator of the service may choose."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from beholder.cards import EMBEDDED
from beholder.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one request, and all of them together, may take."""

    upload_bytes: int = 2 * 2**30
    """Largest file."""
    pixels: int = 64_000_000
    """Largest picture, width times height."""
    duration_seconds: float = 4 * 3600.0
    """Longest video."""
    queue_length: int = 100
    """Most jobs that are being uploaded or wait."""
    memory_bytes: int = 2 * 2**30
    """Most memory that one file may take in a worker, beside the model."""
    job_seconds: float = 600.0
    """Longest time that one file may take in a worker."""
    stall_seconds: float = 30.0
    """Longest silence in the middle of an upload."""
    keep_seconds: float = 24 * 3600.0
    """How long a finished job can be asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Everything that the service is started with."""

    state: Path
    """Folder for the job list and for uploads that wait; one service at a time."""
    model: str = EMBEDDED
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    """Bearer token that requests must bring; None asks for none."""
    workers: int = 1
    hosts: tuple[str, ...] = ()
    """Names by which clients may call the service, beside the loopback ones."""
    grace_seconds: float = 20.0
    """How long a shutdown waits for files that are being scored."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse to be open to a network without a token."""
        if self.token is not None and len(self.token) < _SHORTEST_TOKEN:
            raise UsageError(
                f"expected a token of at least {_SHORTEST_TOKEN} characters, found "
                f"{len(self.token)}; make one with: openssl rand -hex 24"
            )
        if self.token is None and not is_loopback(self.host):
            raise UsageError(
                f"expected a token for a service that others can reach, found --host {self.host} "
                "without one; set BEHOLDER_TOKEN or --token, or leave --host at 127.0.0.1"
            )


_SHORTEST_TOKEN = 16


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address; a name other than localhost is not."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
