"""Plain text tables that are safe to show in a terminal, whatever the file names hold."""

from __future__ import annotations

from collections.abc import Sequence

from beholder.records import Failure, Fault, Score

_GAP = "  "


def to_table(header: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 0) -> str:
    """Align rows under a header; the last column is as wide as it needs to be.

    Args:
        header: One title per column.
        rows: Cells, as many per row as there are titles.
        left: The first column that is aligned to the left; those before it to the right.
    """
    lines = [[show_text(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "".join(_line(cells, widths, left) for cells in lines)


def score_table(results: Sequence[Score | Failure]) -> str:
    """Show scores as a table, and below it what could not be scored and why."""
    scores = [result for result in results if isinstance(result, Score)]
    failures = [result for result in results if isinstance(result, Failure)]
    blocks = []
    if scores:
        header = ("score", "90 % interval", "frames", "size", "word", "file")
        blocks.append(to_table(header, [_score_row(score) for score in scores], left=4))
    notes = [(score.path, "; ".join(score.notes)) for score in scores if score.notes]
    if notes:
        blocks.append("Notes:\n" + "".join(_item(path, text) for path, text in notes))
    faults = [(score.path, describe_faults(score.faults)) for score in scores if score.faults]
    if faults:
        blocks.append("Faults:\n" + "".join(_item(path, text) for path, text in faults))
    if failures:
        items = (
            _item(failure.path, f"{failure.message} [{failure.error}]") for failure in failures
        )
        blocks.append("Not scored:\n" + "".join(items))
    return "\n".join(blocks)


def describe_faults(faults: Sequence[Fault]) -> str:
    """Say in one line which faults are named, how strong they are and where the worst is."""
    named = [_describe_fault(fault) for fault in faults if fault.named]
    return "; ".join(named) if named else "none named"


def show_time(seconds: float) -> str:
    """Write a time as minutes, seconds and tenths: `0:04.5`."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _describe_fault(fault: Fault) -> str:
    text = f"{fault.name} ({fault.value:g} {fault.unit})"
    if not fault.spans:
        return text
    worst = fault.spans[0]
    return f"{text}, worst at {show_time(worst.start_seconds)} to {show_time(worst.end_seconds)}"


def show_text(text: str) -> str:
    """Escape what could break a line or steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _score_row(score: Score) -> tuple[str, ...]:
    low, high = score.interval
    return (
        f"{score.score:.2f}",
        f"{low:.2f} - {high:.2f}",
        str(score.frames_used),
        f"{score.width_px} x {score.height_px}",
        score.word,
        score.path,
    )


def _item(path: str, text: str) -> str:
    return f"  {show_text(path)}: {show_text(text)}\n"


def _line(cells: Sequence[str], widths: Sequence[int], left: int) -> str:
    padded = [
        cell.rjust(width) if column < left else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return _GAP.join(padded).rstrip() + "\n"
