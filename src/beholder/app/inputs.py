"""From what stands on the command line to the files that are to be scored, in a stable order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from beholder.errors import MediaError, NoMedia, NoPermission
from beholder.records import Failure

STDIN = "-"


def expand(arguments: Sequence[str], *, stdin: BinaryIO) -> Iterator[str | Failure]:
    """List the files that the arguments stand for.

    Args:
        arguments: Files, folders (searched through, sorted; hidden files and links to folders are
            left out), patterns (`**` goes through folders; a file of exactly that name wins), or
            `-` for a list on standard input.
        stdin: Where `-` reads from: one file or folder per line, or separated by NUL where
            there is one.

    Yields:
        Paths, existing or not, and a failure for each list, folder or pattern without media.
    """
    for argument in arguments:
        if argument == STDIN:
            yield from _expand_list(stdin)
        else:
            yield from _expand_one(argument, pattern=True)


def _expand_list(stdin: BinaryIO) -> Iterator[str | Failure]:
    data = stdin.read()
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    names = [os.fsdecode(line) for line in lines if line]
    if not names:
        message = "expected names on standard input, found none; check the command that lists them"
        yield Failure(path=STDIN, error=NoMedia.code, message=message)
    for name in names:
        yield from _expand_one(name, pattern=False)


def _expand_one(name: str, *, pattern: bool) -> Iterator[str | Failure]:
    try:
        if os.path.isdir(name):  # noqa: PTH112 - Path("") would be the current folder
            yield from _walk(name)
        elif pattern and glob.has_magic(name) and not os.path.lexists(name):
            yield from _match(name)
        else:
            yield name
    except MediaError as error:
        yield Failure(path=name, error=error.code, message=str(error))


def _walk(folder: str) -> Iterator[str | Failure]:
    found = False
    refused: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=refused.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if _is_media(name):
                found = True
                yield os.path.join(root, name)  # noqa: PTH118 - keeps "./" as it was given
    yield from map(_refusal, refused)
    if not (found or refused):
        raise NoMedia(
            f"expected images or videos in the folder {folder!r}, found none by their suffix; "
            "name files of other suffixes one by one"
        )


def _match(pattern: str) -> Iterator[str]:
    paths = [path for path in sorted(glob.glob(pattern, recursive=True)) if not os.path.isdir(path)]  # noqa: PTH112, PTH207
    media = [path for path in paths if _is_media(Path(path).name)]
    if not media:
        raise NoMedia(
            f"expected images or videos that match {pattern!r}, found {len(paths)} files, none "
            "with a suffix of an image or a video; check the pattern"
        )
    yield from media


def _is_media(name: str) -> bool:
    from beholder.media import IMAGE_SUFFIXES, VIDEO_SUFFIXES

    suffix = Path(name).suffix.lower()
    return not name.startswith(".") and (suffix in IMAGE_SUFFIXES or suffix in VIDEO_SUFFIXES)


def _refusal(error: OSError) -> Failure:
    return Failure(
        path=error.filename,
        error=NoPermission.code,
        message=f"expected a folder that can be searched, found: {error.strerror}; change its "
        "permissions",
    )
