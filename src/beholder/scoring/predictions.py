"""Scores that were computed once are kept, so that an evaluation is quick the second time.

A score is found by what decides it: the SHA-256 of the file, the model's id, and the version of
Beholder. A file or a model that changed is scored again. SQLite writes each score whole or not at
all, so a run that was stopped goes on where it stopped, and two runs may share one cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from beholder.errors import DataError, NotFound
from beholder.records import Score

CACHE_VARIABLE = "BEHOLDER_CACHE"
"""Environment variable that names the cache folder."""

_FILE_NAME = "predictions.sqlite"
_WAIT_SECONDS = 60.0
_TABLES = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, sha256 TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS predictions (
    sha256 TEXT, model TEXT, version TEXT, score REAL, low REAL, high REAL,
    PRIMARY KEY (sha256, model, version)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prediction:
    """What an evaluation needs of a score."""

    score: float
    """0..100, higher is better."""
    interval: tuple[float, float]
    """90 % interval, on the same scale."""

    @staticmethod
    def of(score: Score) -> Prediction:
        """Take it out of a whole score."""
        return Prediction(score=score.score, interval=score.interval)


class PredictionCache:
    """Predictions in a folder; for use by one thread."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        """Open the cache; see also `open_cache`, which closes it again.

        Args:
            folder: Made if it is not there.

        Raises:
            DataError: The folder cannot be written, or what lies in it is no such cache.
        """
        self._path = Path(folder) / _FILE_NAME
        self._version = metadata.version("beholder")
        with self._explained():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # No transaction is left open: what was kept is safe, whatever stops the run.
            self._database = sqlite3.connect(
                self._path, timeout=_WAIT_SECONDS, isolation_level=None
            )
        try:
            with self._explained():
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = NORMAL")
                self._database.executescript(_TABLES)
        except DataError:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file; what was kept is already in it."""
        self._database.close()

    def hash_file(self, path: Path) -> str:
        """Return the SHA-256 of a file, read again only if its size or time of change differs.

        Args:
            path: An existing file.

        Returns:
            64 hexadecimal digits.

        Raises:
            NotFound: The file cannot be read.
        """
        try:
            found = path.stat()
        except OSError as error:
            raise _not_readable(path, error) from error
        key = (str(path.resolve()), found.st_size, found.st_mtime_ns)
        query = "SELECT sha256 FROM files WHERE path = ? AND size = ? AND mtime_ns = ?"
        with self._explained():
            known = self._database.execute(query, key).fetchone()
        if known is not None:
            return str(known[0])
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise _not_readable(path, error) from error
        with self._explained():
            self._database.execute("REPLACE INTO files VALUES (?, ?, ?, ?)", (*key, digest))
        return digest

    def find(self, sha256: str, model_id: str) -> Prediction | None:
        """Return what a model said of a file's content, or None if it was not asked yet."""
        query = (
            "SELECT score, low, high FROM predictions "
            "WHERE sha256 = ? AND model = ? AND version = ?"
        )
        with self._explained():
            row = self._database.execute(query, (sha256, model_id, self._version)).fetchone()
        if row is None:
            return None
        score, low, high = row
        return Prediction(score=score, interval=(low, high))

    def keep(self, sha256: str, model_id: str, prediction: Prediction) -> None:
        """Store what a model said of a file's content; it is on disk when this returns."""
        values = (sha256, model_id, self._version, prediction.score, *prediction.interval)
        with self._explained():
            self._database.execute("REPLACE INTO predictions VALUES (?, ?, ?, ?, ?, ?)", values)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise DataError(
                f"expected a cache of predictions that can be read and written at {self._path}, "
                f"found: {error}; delete that file, or choose another folder with --cache"
            ) from error


@contextlib.contextmanager
def open_cache(folder: Path | None = None) -> Iterator[PredictionCache]:
    """Open a cache and close it at the end.

    Args:
        folder: `default_cache_folder()` where None.

    Raises:
        DataError: As `PredictionCache`.
    """
    cache = PredictionCache(default_cache_folder() if folder is None else folder)
    try:
        yield cache
    finally:
        cache.close()


def default_cache_folder() -> Path:
    """Return `$BEHOLDER_CACHE`, or else where the platform keeps caches."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "beholder"
    if sys.platform == "win32":
        return _folder_of("LOCALAPPDATA", Path.home() / "AppData" / "Local") / "beholder" / "Cache"
    return _folder_of("XDG_CACHE_HOME", Path.home() / ".cache") / "beholder"


def _folder_of(variable: str, otherwise: Path) -> Path:
    value = os.environ.get(variable)
    return Path(value) if value else otherwise


def _not_readable(path: Path, error: OSError) -> NotFound:
    return NotFound(
        f"expected a readable file at {str(path)!r}, found: {error.strerror}; "
        "check the folder of the data set"
    )
