"""What a batch did: counts, errors by code, and how quick it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from beholder.batch.rows import Row


@dataclass(kw_only=True, slots=True)
class Summary:
    """Grows while a batch runs."""

    num_inputs: int
    """Distinct ones."""
    num_repeats: int
    """Inputs that were named again; each is scored once."""
    num_before: int
    """Inputs that an earlier run had done."""
    num_now: int = 0
    """Inputs that have a row since this run."""
    num_workers: int = 0
    busy_seconds: float = 0.0
    """Time that all workers together spent on files."""
    video_seconds: float = 0.0
    """Duration of the videos scored now."""
    elapsed_seconds: float = 0.0
    """Of the whole run, with the start of Ray."""
    errors: dict[str, int] = field(default_factory=dict)
    """Code to number of rows, in the whole output."""
    num_rows: int = 0
    """In the whole output."""

    def count(self, rows: Sequence[Row], *, workers: int) -> None:
        """Add rows that are new in the output."""
        self.num_workers = workers
        self.num_now += len(rows)
        self.busy_seconds += sum(row["elapsed_seconds"] for row in rows)
        self.video_seconds += sum(row["duration_seconds"] or 0.0 for row in rows)


def summary_text(summary: Summary, output: str) -> str:
    """Say it to people, in a few lines."""
    repeats = f" ({summary.num_repeats} named again)" if summary.num_repeats else ""
    lines = [
        f"{summary.num_inputs} inputs{repeats}: {summary.num_before} done before, "
        f"{summary.num_now} now"
    ]
    if summary.busy_seconds > 0:
        lines.append(_speed(summary))
    total = sum(summary.errors.values())
    by_code = ", ".join(f"{number} {code}" for code, number in summary.errors.items())
    lines.append(f"errors: {total}" + (f" ({by_code})" if total else ""))
    lines.append(f"rows in {output}: {summary.num_rows}")
    return "\n".join(lines) + "\n"


def _speed(summary: Summary) -> str:
    per_second = summary.num_now / summary.elapsed_seconds
    each = summary.num_now / summary.busy_seconds
    video = summary.video_seconds / summary.busy_seconds
    return (
        f"{summary.elapsed_seconds:.1f} s with {summary.num_workers} workers and the start of Ray, "
        f"{per_second:.3g} files/s; a worker: {each:.3g} files/s, {video:.3g} s of video per s"
    )
