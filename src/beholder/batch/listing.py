"""From the INPUT of a batch to the names of files: tables, lists, and folders of storages."""

from __future__ import annotations

import csv
import glob
import os
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from beholder.batch.places import open_storage
from beholder.errors import BeholderError, DataError, Unreachable, UsageError

_PARQUET = (".parquet", ".pq")
_CSV = ".csv"
_LISTS = (".txt", ".lst", ".list")
_COLUMN = "path"


def is_list(place: str) -> bool:
    """Tell by its suffix whether a path or URL holds names: Parquet, CSV, or one name a line."""
    return _suffix(place) in (*_PARQUET, _CSV, *_LISTS)


def read_names(place: str, *, column: str | None) -> list[str]:
    """Read the names that a table or list holds, as they are written there.

    Args:
        place: Path or URL of a Parquet file or folder, a CSV file with a header line, or a list:
            one name a line, or separated by NUL where there is one.
        column: Which column of a table; by default `path`, or the only one there is.

    Raises:
        UsageError: There is no such file or column.
        DataError: A row without a name, or no table.
        Unreachable: The storage does not hand it over.
    """
    storage, path = open_storage(place)
    if not _try(place, storage.exists, path):
        raise UsageError(f"expected a list at {place!r}, found nothing there; check the name")
    suffix = _suffix(place)
    if suffix in _LISTS:
        if column is not None:
            raise UsageError(
                f"expected --column with a Parquet or CSV file, found {place!r}; leave it out"
            )
        return _lines(_try(place, storage.cat_file, path))
    read = _parquet_column if suffix in _PARQUET else _csv_column
    names = _try(place, read, storage, path, column)
    for number, name in enumerate(names, start=1):
        if not name:
            raise DataError(
                f"expected a path in every row of {place!r}, found none in row {number}; "
                "leave the row out"
            )
    return [str(name) for name in names]


def find_files(place: str) -> list[str]:
    """List the images and videos below a URL, or that match its pattern, sorted.

    Args:
        place: URL of a folder (searched through; hidden files are left out), of one file, or with
            `*` in it.

    Raises:
        UsageError: Nothing there, or nothing that is an image or a video by its suffix.
        Unreachable: The storage does not answer.
    """
    storage, path = open_storage(place)
    if glob.has_magic(path):
        found = _try(place, storage.glob, path)
    elif _try(place, storage.isfile, path):
        return [place]
    else:
        found = _try(place, storage.find, path)
    media = [name for name in sorted(found) if _is_media(name.removeprefix(path))]
    if not media:
        raise UsageError(
            f"expected images or videos at {place!r}, found {len(found)} files, none with a suffix "
            "of an image or a video; check the name, or give a list of files"
        )
    return [storage.unstrip_protocol(name) for name in media]


def _suffix(place: str) -> str:
    return PurePosixPath(place.rstrip("/")).suffix.lower()


def _try(place: str, ask: Any, *arguments: Any) -> Any:
    try:
        return ask(*arguments)
    except BeholderError:
        raise
    except Exception as error:  # each storage, and each reader, has errors of its own
        raise Unreachable(
            f"expected to read {place!r}, found {type(error).__name__}: {error}; "
            "check that it is whole and may be read"
        ) from error


def _lines(data: bytes) -> list[str]:
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    return [os.fsdecode(line) for line in lines if line]


def _parquet_column(storage: Any, path: str, column: str | None) -> list[Any]:
    from pyarrow import dataset

    table = dataset.dataset(path, filesystem=storage, format="parquet")
    chosen = _choose(table.schema.names, column, path)
    names: list[Any] = table.to_table(columns=[chosen]).column(0).to_pylist()
    return names


def _csv_column(storage: Any, path: str, column: str | None) -> list[Any]:
    # Excel begins with a mark, and names of files may be no text.
    text = {"encoding": "utf-8-sig", "errors": "surrogateescape", "newline": ""}
    with storage.open(path, "r", **text) as file:
        rows = csv.DictReader(file)
        chosen = _choose(rows.fieldnames or (), column, path)
        return [row[chosen] for row in rows]


def _choose(columns: Sequence[str], column: str | None, path: str) -> str:
    wanted = column or (columns[0] if len(columns) == 1 else _COLUMN)
    if wanted not in columns:
        raise UsageError(
            f"expected a column {wanted!r} in {path!r}, found {', '.join(columns) or 'none'}; "
            "name one with --column"
        )
    return wanted


def _is_media(name: str) -> bool:
    from beholder.media import IMAGE_SUFFIXES, VIDEO_SUFFIXES

    hidden = any(part.startswith(".") for part in PurePosixPath(name).parts)
    suffix = _suffix(name)
    return not hidden and (suffix in IMAGE_SUFFIXES or suffix in VIDEO_SUFFIXES)
