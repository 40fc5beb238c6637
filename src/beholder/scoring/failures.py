"""From an exception to the result of one input."""

from __future__ import annotations

from beholder.errors import BeholderError
from beholder.records import Failure


def to_failure(error: Exception, *, path: str) -> Failure:
    """Say why an input has no score.

    Args:
        error: What was raised; anything but a `BeholderError` is a mistake of ours.
        path: The input, as its result names it.
    """
    if isinstance(error, BeholderError):
        return Failure(path=path, error=error.code, message=str(error))
    return Failure(
        path=path,
        error="internal",
        message=f"{type(error).__name__}: {error}; this is a defect of Beholder, "
        "please report it with the file",
    )
