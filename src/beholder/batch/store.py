"""The OUTPUT of a batch: a folder of Parquet parts, which say themselves what is done.

A part is written beside its place and moved there, so a run that is killed leaves whole parts
only. There is no second list of what is done that could disagree with them.
"""

from __future__ import annotations

import io
import os
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from beholder.batch.places import is_url, open_storage
from beholder.batch.rows import Row, to_table
from beholder.errors import DataError, Unreachable, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

_LOCK = "_lock"
_PREFIX, _SUFFIX = "part-", ".parquet"
_MOST_ROWS = 10_000
_SHORTEST_SECONDS = 5.0
_LONGEST_SECONDS = 600.0
_SHARE = 0.01
_LOOKED_AT = ["path", "error", "model"]


class Store:
    """Rows of this run and of those before it; one writer at a time.

    Attributes:
        done: Paths that have a row.
        errors: Code of an error to the number of rows that have it.
    """

    def __init__(self, place: str, *, model: str) -> None:
        """Remember where; `with` opens it.

        Args:
            place: Folder or URL of a folder; made where it does not exist.
            model: Id of the model; all rows of an output are of one model.
        """
        self.done: set[str] = set()
        self.errors: Counter[str] = Counter()
        self._model = model
        self._place = place.removeprefix("file://")
        self._storage, self._folder = open_storage(place)
        self._lock: IO[bytes] | None = None
        self._waiting: list[Row] = []
        self._began_at_seconds = self._wrote_at_seconds = time.monotonic()

    def __enter__(self) -> Store:
        """Lock the folder and read what is done.

        Raises:
            UsageError: The folder cannot be made, holds other files, is of another model, or
                another run writes to it.
            DataError: A part cannot be read.
        """
        try:
            self._open()
        except BaseException:
            self._unlock()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write what waits, however the run ended, and unlock."""
        try:
            self.flush()
        finally:
            self._unlock()

    def parts(self) -> list[str]:
        """List the parts, in the order in which they were written."""
        return [name for name in self._names() if _is_part(name)]

    def add(self, rows: Sequence[Row]) -> list[Row]:
        """Take rows, and write a part when it is time.

        That is after 5 s at first and after 1 % of the run's time later, 10 min at most: little
        is lost by a kill, and a long run has some hundreds of parts.

        Returns:
            The rows that were new; a path that has a row already is left out.
        """
        new = [row for row in rows if row["path"] not in self.done]
        self.done.update(row["path"] for row in new)
        self.errors.update(row["error"] for row in new if row["error"])
        self._waiting += new
        now_seconds = time.monotonic()
        pause = _SHARE * (now_seconds - self._began_at_seconds)
        pause = min(max(pause, _SHORTEST_SECONDS), _LONGEST_SECONDS)
        if now_seconds - self._wrote_at_seconds >= pause or len(self._waiting) >= _MOST_ROWS:
            self.flush()
        return new

    def flush(self) -> None:
        """Write a part of the rows that wait.

        Raises:
            Unreachable: The storage does not take it.
        """
        if self._waiting:
            # Numbers tell the order; the rest keeps two machines from writing over each other.
            name = f"{_PREFIX}{time.time_ns() // 1000:016d}-{uuid.uuid4().hex[:8]}{_SUFFIX}"
            self._write(f"{self._folder}/{name}", to_table(self._waiting))
            self._waiting = []
        self._wrote_at_seconds = time.monotonic()

    def forget_errors(self) -> None:
        """Take the rows of errors out of the parts, so that their inputs are tried again."""
        import pyarrow.compute as pc

        for part in self.parts():
            table = self._read(part)
            failed = table.filter(pc.is_valid(table["error"]))
            if failed.num_rows:
                self._write(part, table.filter(pc.is_null(table["error"])))
                self.done.difference_update(failed["path"].to_pylist())
        self.errors.clear()

    def _open(self) -> None:
        try:
            self._storage.makedirs(self._folder, exist_ok=True)
            if not is_url(self._place):
                self._lock = _lock(f"{self._folder}/{_LOCK}")
            strange = self._strangers()
        except OSError as error:
            raise UsageError(
                f"expected a folder that can be written, found {self._place!r}: {error}; "
                "choose another OUTPUT"
            ) from error
        if strange:
            raise UsageError(
                f"expected an empty folder or the output of a batch at {self._place!r}, found "
                f"{strange[0]!r} in it; choose another OUTPUT"
            )
        for part in self.parts():
            self._learn(part)

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()

    def _names(self) -> list[str]:
        self._storage.invalidate_cache()
        try:
            names = self._storage.ls(self._folder, detail=False)
        except FileNotFoundError:
            return []  # buckets have no empty folders
        return sorted(name for name in names if name.rstrip("/") != self._folder.rstrip("/"))

    def _strangers(self) -> list[str]:
        """Remove what a kill left half written, and list what is not ours."""
        names = [PurePosixPath(name).name for name in self._names()]
        for name in names:
            if name.startswith(f".{_PREFIX}"):
                self._storage.rm_file(f"{self._folder}/{name}")
        return [name for name in names if not (name[0] in "._" or _is_part(name))]

    def _learn(self, part: str) -> None:
        table = self._read(part, _LOOKED_AT)
        others = set(table["model"].to_pylist()) - {self._model}
        if others:
            raise UsageError(
                f"expected rows of the model {self._model} in {self._place!r}, found "
                f"{', '.join(sorted(others))}; choose another OUTPUT"
            )
        self.done.update(table["path"].to_pylist())
        self.errors.update(code for code in table["error"].to_pylist() if code)

    def _read(self, part: str, columns: list[str] | None = None) -> pa.Table:
        import pyarrow as pa
        from pyarrow import parquet

        try:
            with self._storage.open(part, "rb") as file:
                return parquet.ParquetFile(file).read(columns)
        except (OSError, pa.ArrowException) as error:
            raise DataError(
                f"expected a whole part of a batch, found {part!r}: {error}; remove it and start "
                "again, its inputs are scored again"
            ) from error

    def _write(self, path: str, table: pa.Table) -> None:
        from pyarrow import parquet

        data = io.BytesIO()
        parquet.write_table(table, data, compression="zstd")
        beside = str(PurePosixPath(path).with_name(f".{PurePosixPath(path).name}"))
        try:
            self._storage.pipe_file(beside, data.getvalue())
            self._storage.mv(beside, path)
        except Exception as error:  # each storage has errors of its own
            raise Unreachable(
                f"expected to write {path!r}, found {type(error).__name__}: {error}; make room or "
                "mend the storage, and start again: what is written stays"
            ) from error


def _is_part(name: str) -> bool:
    name = PurePosixPath(name).name
    return name.startswith(_PREFIX) and name.endswith(_SUFFIX)


def _lock(path: str) -> IO[Any]:
    """Hold a file until this process ends, however it ends."""
    import fcntl

    file = open(path, "ab")  # noqa: PTH123, SIM115 - closed by the store
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise UsageError(
            f"expected a folder to which no other batch writes, found that {os.fspath(path)!r} is "
            "locked; wait for the other, or choose another OUTPUT"
        ) from error
    return file
