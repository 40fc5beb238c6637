"""`beholder bench`: what scoring costs on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from beholder.app.progress import track
from beholder.app.sink import write_text
from beholder.cards import EMBEDDED
from beholder.errors import DataError

_SIZES = {"360p": (640, 360), "1080p": (1920, 1080)}
_HOURS = 3600
_DAY_SECONDS = 86_400


class Format(StrEnum):
    """How figures are written."""

    table = "table"
    json = "json"


def bench(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Videos of yours; without any, drawn clips."),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="S", min=1, help="Length of drawn clips.")
    ] = 10.0,
    repeats: Annotated[
        int, typer.Option("--repeats", metavar="N", min=1, help="The median of so many runs.")
    ] = 3,
    output_format: Annotated[
        Format, typer.Option("--format", help="How figures are written.")
    ] = Format.table,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME-OR-FILE",
            help="A name from `beholder models`, or an exported file.",
        ),
    ] = EMBEDDED,
) -> None:
    """Measure seconds of video per CPU-second, and peak memory.

    Each file is scored in a process of its own, once to warm up and then --repeats times. CPU
    time is that of all threads: hours of video that one core scores in a day follow from it.
    Cost grows slower than duration, because at most so many frames of a file are looked at;
    drawn clips are easier to decode than what cameras take, so measure files of your own.

    \b
    Examples:
      beholder bench
      beholder bench episode.mp4 phone.mov --repeats 5 --format json

    \b
    Exit codes: 0 measured, 1 a file failed, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    from beholder.scoring.weights import find_model

    find_model(model)
    with tempfile.TemporaryDirectory(prefix="beholder-bench-") as folder:
        clips = {name: name for name in files or ()} or _draw_clips(Path(folder), seconds)
        measured = track(
            (_measure(name, path, model, repeats) for name, path in clips.items()),
            total=len(clips),
            label="Measuring",
        )
        rows = list(measured)
    text = _to_json(rows) if output_format is Format.json else _to_table(rows)
    write_text(sys.stdout.buffer, text)


def _draw_clips(folder: Path, seconds: float) -> dict[str, str]:
    clips = {}
    for name, (width, height) in _SIZES.items():
        path = str(folder / f"{name}.mp4")
        _run("bench_clip", path, str(width), str(height), str(seconds))
        clips[f"drawn {name}"] = path
    return clips


def _measure(name: str, path: str, model: str, repeats: int) -> dict[str, Any]:
    from beholder.media import probe

    # Tells of a file that cannot be scored before a process is started for it.
    if probe(path).kind == "image":
        raise DataError(f"expected videos to measure, found the picture {path!r}; give videos")
    figures = json.loads(_run("bench_worker", model, path, str(repeats)))
    return {
        "name": name,
        **figures,
        "video_seconds_per_cpu_second": figures["duration_seconds"] / figures["cpu_seconds"],
    }


def _run(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", f"beholder.app.{module}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise DataError(
            f"expected a measurement of {arguments[:2]}, its process failed: {last}; "
            "score the file with `beholder score` to see why"
        )
    return done.stdout


def _to_json(rows: list[dict[str, Any]]) -> str:
    rounded = [
        {key: round(value, 3) if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    ]
    return json.dumps({"schema": 1, "results": rounded}, indent=2) + "\n"


def _to_table(rows: list[dict[str, Any]]) -> str:
    from beholder.reports.table import to_table

    header = ("wall", "CPU", "video s / CPU s", "hours / core and day", "peak", "size", "file")
    cells = [
        (
            f"{row['wall_seconds']:.2f} s",
            f"{row['cpu_seconds']:.2f} s",
            f"{row['video_seconds_per_cpu_second']:.1f}",
            f"{row['video_seconds_per_cpu_second'] * _DAY_SECONDS / _HOURS:.0f}",
            "-" if row["peak_bytes"] is None else f"{row['peak_bytes'] / 1e6:.0f} MB",
            f"{row['width_px']} x {row['height_px']}, {row['duration_seconds']:.1f} s",
            row["name"],
        )
        for row in rows
    ]
    first = max(row["first_seconds"] for row in rows)
    note = f"\nLoading the model and the first score took up to {first:.2f} s.\n"
    return to_table(header, cells, left=5) + note
