"""One process, or several that `torchrun` started: which of them this is, and what it does alone.

Every process reads the same recipe and the same data. What is made once for all, decoded clips and
weights on disk, the first one makes while the others wait.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

_PAUSE_SECONDS = 0.2


def rank() -> int:
    """Return the number of this process among all, from 0."""
    return int(os.environ.get("RANK", "0"))


def count() -> int:
    """Return how many processes train together."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def count_here() -> int:
    """Return how many of them are on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", str(count())))


def make_once(path: Path, make: Callable[[], object]) -> None:
    """Make a file in the first process; the others wait until it is there.

    Args:
        path: A file that appears only when it is whole; where it exists nothing is done.
        make: Makes it.
    """
    if rank() == 0 and not path.exists():
        make()
    while not path.exists():
        time.sleep(_PAUSE_SECONDS)
