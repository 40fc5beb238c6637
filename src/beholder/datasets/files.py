"""Where the files of a data set lie, when its labels name them only roughly."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

RAW = ".yuv"
"""Pictures without a header, which nothing can open without being told their size."""


def files_by_stem(folder: Path) -> dict[str, Path]:
    """Index the files below a folder by their name without suffix, in lower case.

    Labels and files often differ in letter case, and videos that were shipped raw have to be
    wrapped into a container, with another suffix, before anything can play them.

    Args:
        folder: Searched with all folders below; nothing is found where it does not exist.

    Returns:
        Stem to path. Of two files with one stem the container wins over the raw one, else the
        first in order of names.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    found: dict[str, Path] = {}
    for path in sorted(paths, key=lambda path: path.suffix.lower() == RAW):
        found.setdefault(path.stem.lower(), path)
    return found


def first_file(root: Path, names: Sequence[str]) -> Path:
    """Choose the first of several places that holds a file.

    Returns:
        The path; the first place where none does, so that the reader's error names it.
    """
    places = [root / name for name in names]
    return next((place for place in places if place.is_file()), places[0])


def first_folder(root: Path, names: Sequence[str]) -> Path:
    """Choose the first of several places that is a folder, else the first one."""
    places = [root / name for name in names]
    return next((place for place in places if place.is_dir()), places[0])
