"""The features of a data set under many models: one decode for all, and it can be stopped.

Every line of every array is NaN until it is made, so a stopped extraction goes on where it was.
What is already there is kept only while the file's hash, the model and its input are the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np

from beholder.datasets.rows import Row
from beholder.errors import BeholderError, DataError, NotFound
from beholder.pool.arrays import open_arrays
from beholder.pool.loaded import BATCH, LoadedModel, fingerprint
from beholder.pool.prepare import Inputs, prepare_file
from beholder.pool.store import StoreFacts, write_facts
from beholder.records import Failure

Progress = Callable[[str, int, int], None]
"""Called with a stage, what is done of it, and how much there is."""

_AHEAD = 4
"""Items per decoding thread that may be ready before the networks ask for them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractSettings:
    """How features are made."""

    dtype: Literal["float16", "float32"] = "float16"
    batch: int = BATCH
    """Most frames that a network sees at once."""
    jobs: int = 1
    """Files decoded at the same time."""
    num_frames: int = 16
    """Frames of a video that models of single frames see."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """What features are made of."""

    dataset: str
    root: Path
    """Files are named relative to it in the index."""
    rows: Sequence[Row]


def extract(
    items: Items,
    models: Sequence[LoadedModel],
    *,
    out: Path,
    settings: ExtractSettings,
    progress: Progress,
) -> list[Failure]:
    """Make the features of every file under every model, as far as they are not there yet.

    Args:
        items: The data set.
        models: At least one, with different names.
        out: Folder of features to make or to go on with.
        settings: How.
        progress: Called as the work goes on.

    Returns:
        One failure per file without features; all others are complete.

    Raises:
        UsageError: The folder holds features of other models.
        DataError: The folder cannot be read or written.
        ModelError: A model fails on inputs of its own size.
    """
    rows = items.rows
    hashes, failures = _hash_files(rows, settings, progress)
    facts = _facts(models, items.dataset, settings)
    named = [dataclasses.replace(row, path=_relative(row.path, items.root)) for row in rows]
    arrays = open_arrays(
        out,
        named,
        {named[line].path.as_posix(): digest for line, digest in hashes.items()},
        facts=facts,
        dtype=settings.dtype,
    )
    failures |= _Extraction(rows, models, arrays, settings).run([*hashes], progress)
    failed = tuple(named[line].path.as_posix() for line in sorted(failures))
    write_facts(out, dataclasses.replace(facts, complete=True, failed=failed))
    return [failures[line] for line in sorted(failures)]


class _Extraction:
    """Fills the lines of the arrays that are NaN."""

    def __init__(
        self,
        rows: Sequence[Row],
        models: Sequence[LoadedModel],
        arrays: dict[str, np.ndarray],
        settings: ExtractSettings,
    ) -> None:
        self._rows, self._models, self._arrays = rows, models, arrays
        self._settings = settings
        self._specs = list(dict.fromkeys(model.spec for model in models))
        self._todo = {name: np.isnan(array).any(axis=1) for name, array in arrays.items()}

    def run(self, lines: Sequence[int], progress: Progress) -> dict[int, Failure]:
        """Work through the given lines and return those that failed."""
        wanted = [line for line in lines if any(todo[line] for todo in self._todo.values())]
        failures: dict[int, Failure] = {}
        waiting: dict[int, Inputs] = {}
        num_done = len(lines) - len(wanted)
        progress("Features", num_done, len(lines))
        for line, found in self._prepare(wanted):
            if isinstance(found, Failure):
                failures[line] = found
            else:
                waiting[line] = found
            num_done += 1
            if _num_frames(waiting) >= self._settings.batch:
                failures |= self._write(waiting)
                waiting = {}
                progress("Features", num_done, len(lines))
        failures |= self._write(waiting)
        progress("Features", num_done, len(lines))
        return failures

    def _prepare(self, lines: Sequence[int]) -> Iterator[tuple[int, Inputs | Failure]]:
        """Decode on other threads, some items ahead of the networks; order is kept."""
        jobs, coming = self._settings.jobs, iter(lines)
        executor = ThreadPoolExecutor(jobs)
        pending: deque[tuple[int, Future[Inputs | Failure]]] = deque()
        try:
            while True:
                for line in islice(coming, _AHEAD * jobs - len(pending)):
                    pending.append((line, executor.submit(self._look, self._rows[line].path)))
                if not pending:
                    return
                line, future = pending.popleft()
                yield line, future.result()
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _look(self, path: Path) -> Inputs | Failure:
        try:
            return prepare_file(path, self._specs, num_frames=self._settings.num_frames)
        except BeholderError as error:
            return Failure(path=str(path), error=error.code, message=str(error))

    def _write(self, items: dict[int, Inputs]) -> dict[int, Failure]:
        failures: dict[int, Failure] = {}
        for model in self._models:
            array, todo = self._arrays[model.entry.name], self._todo[model.entry.name]
            lines = [line for line in items if todo[line]]
            if not lines:
                continue
            inputs = [items[line][model.spec] for line in lines]
            found = model.features(inputs, batch=self._settings.batch)
            with np.errstate(over="ignore"):
                values = found.astype(array.dtype)
            good = np.isfinite(values).all(axis=1)
            for line, value, fits in zip(lines, values, good, strict=True):
                if fits:
                    array[line] = value
                else:
                    failures[line] = _not_finite(self._rows[line].path, model, array.dtype)
        return failures


def _num_frames(items: dict[int, Inputs]) -> int:
    return sum(max(len(frames) for frames in inputs.values()) for inputs in items.values())


def _not_finite(path: Path, model: LoadedModel, dtype: np.dtype) -> Failure:
    return Failure(
        path=str(path),
        error=DataError.code,
        message=f"expected features of {model.entry.name!r} that fit {dtype}, found numbers that "
        "do not; choose --dtype float32, or leave the model out",
    )


def _hash_files(
    rows: Sequence[Row], settings: ExtractSettings, progress: Progress
) -> tuple[dict[int, str], dict[int, Failure]]:
    """Return SHA-256 by line of the files that can be read, and why the others cannot."""
    hashes: dict[int, str] = {}
    failures: dict[int, Failure] = {}
    with ThreadPoolExecutor(settings.jobs) as executor:
        found = executor.map(_hash_file, (row.path for row in rows))
        for line, digest in enumerate(found):
            if isinstance(digest, Failure):
                failures[line] = digest
            else:
                hashes[line] = digest
            progress("Checking files", line + 1, len(rows))
    return hashes, failures


def _hash_file(path: Path) -> str | Failure:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return Failure(
            path=str(path),
            error=NotFound.code,
            message=f"expected a readable file at {str(path)!r}, found: {error.strerror}; "
            "check the folder of the data set",
        )


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _facts(models: Sequence[LoadedModel], dataset: str, settings: ExtractSettings) -> StoreFacts:
    prints = {
        model.entry.name: fingerprint(model, num_frames=settings.num_frames, dtype=settings.dtype)
        for model in models
    }
    versions = {name: text for model in models for name, text in model.versions.items()}
    names = ("beholder", "numpy", "av")
    return StoreFacts(
        dataset=dataset,
        num_frames=settings.num_frames,
        entries=tuple(model.entry for model in models),
        fingerprints=prints,
        identities={model.entry.name: model.identity for model in models},
        versions={**{name: metadata.version(name) for name in names}, **versions},
        complete=False,
    )
