"""Where files lie: paths of this machine, and URLs of storages that fsspec knows."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from beholder.errors import MissingExtra, NoPermission, NotFound, Unreachable, UsageError

_LOCAL = "file://"
_EXTRAS = {
    "s3": ("s3fs", "s3"),
    "s3a": ("s3fs", "s3"),
    "gs": ("gcsfs", "gs"),
    "gcs": ("gcsfs", "gs"),
}
"""Protocol to the package of its storage and the extra of Beholder that brings it."""


def is_url(name: str) -> bool:
    """Tell whether a name is a URL; `file://` URLs are paths, see `full_name`."""
    return "://" in name


def full_name(name: str, *, root: str) -> str:
    """Write a name in the one way in which results know it.

    Args:
        name: A path or a URL.
        root: Folder or URL from which relative paths are meant.

    Returns:
        A URL as it is, or an absolute path without `.` and `..`; links are not followed.
    """
    name, root = name.removeprefix(_LOCAL), root.removeprefix(_LOCAL)
    if is_url(name):
        return name
    if is_url(root) and not name.startswith("/"):
        return f"{root.rstrip('/')}/{name}"
    return os.path.abspath(os.path.join(root, name))  # noqa: PTH100, PTH118 - keeps names as bytes


def as_text(name: str) -> str:
    r"""Write a name that is no text, as file systems allow, with `\x..` for its odd bytes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def open_storage(place: str) -> tuple[Any, str]:
    """Return the file system of a path or URL, and the path inside it.

    Raises:
        UsageError: fsspec does not know the protocol, or its package is not installed.
        MissingExtra: The same, where an extra of Beholder brings the package.
    """
    from fsspec.core import url_to_fs

    protocol = place.partition("://")[0]
    try:
        storage, path = url_to_fs(place)
    except ImportError as error:
        if protocol in _EXTRAS:
            raise MissingExtra(*_EXTRAS[protocol]) from error
        raise UsageError(
            f"expected the packages for {place!r}, found that they are missing: {error}; "
            "install them on every machine"
        ) from error
    except ValueError as error:
        raise UsageError(
            f"expected a path or a URL of a storage that fsspec knows, found {place!r}: {error}; "
            "check what stands before ://"
        ) from error
    return storage, str(path)


@contextmanager
def on_this_machine(place: str) -> Iterator[str]:
    """Give a path to the file, which is fetched first where it lies in a storage.

    Args:
        place: As `full_name` writes it.

    Yields:
        The path; a fetched copy is removed afterwards.

    Raises:
        NotFound: The storage has no such file.
        NoPermission: The storage does not let us read it.
        Unreachable: The storage does not hand it over.
    """
    if not is_url(place):
        yield place
        return
    with tempfile.TemporaryDirectory(prefix="beholder-") as folder:
        target = Path(folder) / f"file{PurePosixPath(place).suffix}"
        _fetch(place, target)
        yield str(target)


def _fetch(place: str, target: Path) -> None:
    try:
        storage, path = open_storage(place)
        storage.get_file(path, str(target))
    except FileNotFoundError as error:
        raise NotFound(
            f"expected a file at {place!r}, found nothing there; check the name"
        ) from error
    except PermissionError as error:
        raise NoPermission(
            f"expected a file that may be read at {place!r}, the storage refused: {error}; "
            "check the credentials of the workers"
        ) from error
    except UsageError:
        raise
    except Exception as error:  # each storage has errors of its own
        raise Unreachable(
            f"expected to fetch {place!r}, found {type(error).__name__}: {error}; "
            "try again later with --retry-errors"
        ) from error
