"""Where results go: standard output, or a file that is never left half written."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from beholder.errors import UsageError


@contextlib.contextmanager
def open_sink(output: Path | None, *, stream: bool) -> Iterator[BinaryIO]:
    """Open the place for results before the work starts.

    Args:
        output: A file, or None for standard output.
        stream: True writes into the file itself as results come; False writes beside it and
            moves it there when all has gone well, else leaves what was there before.

    Yields:
        A binary file; write whole lines and flush.

    Raises:
        UsageError: The file cannot be written.
    """
    if output is None:
        yield sys.stdout.buffer
        return
    target = Path(os.path.realpath(output))
    # A device or a FIFO is written to; moving a file over it would destroy it.
    if stream or (target.exists() and not target.is_file()):
        with _open(target) as file:
            yield file
        return
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with _open(beside) as file:
            yield file
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(
            f"expected an output file that can be written, found {str(path)!r}: {error.strerror}; "
            "choose another --output"
        ) from error


def write_text(sink: BinaryIO, text: str) -> None:
    """Write text at once; names that are no text come out as the bytes they were."""
    sink.write(text.encode("utf-8", "surrogateescape"))
    sink.flush()
