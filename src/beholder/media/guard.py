"""Checks before FFmpeg sees a path: is there a plain file that we may read, with bytes in it.

A FIFO or a device is never opened for reading, because that can block for ever.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from beholder.errors import EmptyFile, MediaError, NoPermission, NotAFile, NotFound, TooLarge

MAX_PIXELS = 2**27
"""Largest picture that is decoded: 134 million pixels hold the 108-megapixel photographs of
phones, and 400 MB of RGB. FFmpeg refuses little below 2**31 bytes, so a forged header could take
all memory."""

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_plain_file(path: str) -> int:
    """Open a plain, non-empty file for reading.

    Args:
        path: Taken literally: no pattern, no protocol prefix.

    Returns:
        A file descriptor that the caller closes.

    Raises:
        MediaError: One of `NotFound`, `NoPermission`, `NotAFile`, `EmptyFile`.
    """
    try:
        _refuse_special(path, Path(path).stat().st_mode)
        # Without O_NONBLOCK a FIFO put in the file's place after the check would block.
        descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except (OSError, ValueError) as error:
        raise _translate(error) from error
    try:
        status = os.fstat(descriptor)
        _refuse_special(path, status.st_mode)
        if status.st_size == 0:
            raise EmptyFile(
                "expected an image or video, found a file of zero bytes; copy or export it again"
            )
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def check_pixels(width_px: int, height_px: int) -> None:
    """Refuse a picture whose header claims more than `MAX_PIXELS`.

    Raises:
        TooLarge: Before anything of that size was allocated.
    """
    if width_px * height_px > MAX_PIXELS:
        raise TooLarge(
            f"expected at most {MAX_PIXELS} pixels, the header says {width_px} x {height_px}; "
            "shrink the picture before scoring it"
        )


def _refuse_special(path: str, mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    found = next((name for matches, name in _KINDS if matches(mode)), "something else")
    raise NotAFile(
        f"expected a plain file, found {found} at {path!r}; save its content to a file first"
    )


def _translate(error: OSError | ValueError) -> MediaError:
    if isinstance(error, PermissionError):
        return NoPermission(
            "expected a file that may be read, found no permission; change its access rights"
        )
    if isinstance(error, (FileNotFoundError, NotADirectoryError, ValueError)):
        return NotFound("expected a file, found nothing at this path; check the spelling")
    return NotAFile(
        f"expected a file that can be opened, found: {error.strerror}; copy it to a local disk"
    )
