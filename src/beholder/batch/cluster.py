"""Scores names on Ray Data: on this machine, or on a cluster."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from beholder.batch.rows import Row
from beholder.batch.settings import Settings
from beholder.batch.worker import NAME, Assignment, Worker
from beholder.errors import BeholderError, ModelError, UsageError, WorkerLost

if TYPE_CHECKING:
    import pyarrow as pa

_STORE_BYTES = 100 * 2**20
"""Shared memory of a local Ray: names and rows pass through it, never pictures."""
_MOST_NAMES = 16
_TASKS_PER_WORKER = 16
_QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing leaves this machine
    "RAY_BACKEND_LOG_LEVEL": "fatal",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


def score_on_ray(
    names: Sequence[str], *, settings: Settings, model_id: str
) -> Iterator[tuple[int, list[Row]]]:
    """Score files on all cores.

    Args:
        names: Full names of the files, at least one.
        settings: Model, cluster, limits.
        model_id: What the model must be.

    Yields:
        The number of workers, and rows as they are ready, in any order.

    Raises:
        UsageError: No cluster at the address.
        ModelError: A machine has another model.
        WorkerLost: Ray or its workers cannot be started, or the cluster broke down.
    """
    assignment = Assignment(
        model=settings.model,
        model_id=model_id,
        file_seconds=settings.file_seconds,
        memory_bytes=settings.memory_bytes,
    )
    with _connect(settings) as num_cores:
        workers = min(settings.workers or num_cores, len(names))
        for table in _stream(names, assignment, workers=workers, num_cores=num_cores):
            yield workers, table.to_pylist()


@contextmanager
def _connect(settings: Settings) -> Iterator[int]:
    """Start Ray or join a cluster; gives the number of its cores, at least 1."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    import ray

    options: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    if settings.address is None:
        options["num_cpus"] = settings.workers or os.cpu_count()
        options["include_dashboard"] = False
        options["object_store_memory"] = _STORE_BYTES
    try:
        # Without an address Ray would look for a cluster that someone else has started.
        ray.init(address=settings.address or "local", **options)
    except Exception as error:  # neither a slow start nor a wrong address has a class of its own
        raise _not_started(error, settings.address) from error
    try:
        yield max(int(ray.cluster_resources().get("CPU", 1)), 1)
    finally:
        # The process ends without Python's own farewell, which would do this.
        ray.shutdown()


def _not_started(error: Exception, address: str | None) -> BeholderError:
    found = f"{type(error).__name__}: {error}".rstrip(".")
    if address is None:
        # Ray gives itself 30 s; what it has started goes away with this process.
        return WorkerLost(
            f"expected Ray to start on this machine, found {found}; the machine may be too busy, "
            "start the same command again"
        )
    return UsageError(
        f"expected a Ray cluster at {address!r}, found {found}; check --address with: ray status"
    )


def _stream(
    names: Sequence[str], assignment: Assignment, *, workers: int, num_cores: int
) -> Iterator[pa.Table]:
    import ray
    from ray.data import ActorPoolStrategy
    from ray.exceptions import RayError

    _quieten()
    rows = ray.data.from_arrow(chunk(names, workers=workers)).map_batches(
        Worker,
        fn_constructor_args=(assignment,),
        batch_size=None,
        batch_format="pyarrow",
        # More than there are cores asks a cluster that grows for machines.
        compute=ActorPoolStrategy(
            min_size=min(workers, num_cores), max_size=workers, max_tasks_in_flight_per_actor=2
        ),
        num_cpus=1,
    )
    try:
        yield from rows.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
    except RayError as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, ModelError):
            raise cause from error
        raise WorkerLost(
            f"expected workers on Ray that go on, found {type(error).__name__}: {error}; what is "
            "done is kept, start the same command again"
        ) from error


def _quieten() -> None:
    from ray.data import DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    # By default Ray gives up when nothing has come for half an hour; long files take longer.
    context.execution_no_progress_timeout_s = -1
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def chunk(names: Sequence[str], *, workers: int) -> list[pa.Table]:
    """Cut names into tasks: small enough to share them out evenly, and to lose little by a kill.

    Args:
        names: Full names of the files, at least one.
        workers: Between how many they are shared.

    Returns:
        Tables with one column of bytes and 1 to 16 rows each, in order.
    """
    import pyarrow as pa

    size = min(max(len(names) // (workers * _TASKS_PER_WORKER), 1), _MOST_NAMES)
    return [
        pa.table({NAME: pa.array([os.fsencode(name) for name in names[start : start + size]])})
        for start in range(0, len(names), size)
    ]
