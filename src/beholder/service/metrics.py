"""What the service counts, in the text format of Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)


class Metrics:
    """The figures of one service; each instance counts for itself."""

    def __init__(self) -> None:
        """Start all counts at zero."""
        self._registry = CollectorRegistry()
        self._jobs = Counter(
            "beholder_jobs", "Finished jobs.", ["outcome"], registry=self._registry
        )
        self._seconds = Histogram(
            "beholder_job_seconds",
            "Time of a job in a worker.",
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._bytes = Counter(
            "beholder_upload_bytes", "Bytes of accepted uploads.", registry=self._registry
        )
        self._restarts = Counter(
            "beholder_worker_restarts", "Worker processes replaced.", registry=self._registry
        )
        self._requests = Counter(
            "beholder_http_requests", "Answered requests.", ["status"], registry=self._registry
        )
        ProcessCollector(registry=self._registry)

    def watch(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Add a figure that is read whenever the metrics are asked for."""
        Gauge(name, text, registry=self._registry).set_function(read)

    def count_job(self, outcome: str, *, seconds: float) -> None:
        """Count a finished job.

        Args:
            outcome: `ok`, or the code of its error.
            seconds: Its time in a worker.
        """
        self._jobs.labels(outcome).inc()
        self._seconds.observe(seconds)

    def count_upload(self, size_bytes: int) -> None:
        """Count an accepted upload."""
        self._bytes.inc(size_bytes)

    def count_restart(self) -> None:
        """Count a worker process that had to be replaced."""
        self._restarts.inc()

    def count_request(self, status: int) -> None:
        """Count an answered request by its HTTP status."""
        self._requests.labels(str(status)).inc()

    def text(self) -> bytes:
        """Write everything down."""
        return generate_latest(self._registry)
