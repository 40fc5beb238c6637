"""A batch that is killed half-way and started again: every input has one row.

    python -m benchmarks.batch_resume

Makes 300 small clips, ten of them broken, scores them with `beholder batch`, kills the command
without warning (SIGKILL) when half of the rows are written, starts it again, and once more when
nothing is left to do. Needs `pip install 'beholder[batch]'`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

from pyarrow import parquet

from beholder import Scorer
from benchmarks.clips import make_clip
from benchmarks.record import write_result

NUM_CLIPS = 300
NUM_SIZES = 6
NUM_BROKEN = 10
NUM_COMPARED = 20
WORKERS = 2
MOST_STARTS = 20
_FAREWELL_SECONDS = 60


def main() -> None:
    """Measure, check, print and write the result."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_clips(folder / "clips")
        figures = measure(folder)
    check(figures)
    print(
        write_result("batch_resume", command="python -m benchmarks.batch_resume", figures=figures)
    )
    print(figures)


def make_clips(folder: Path) -> None:
    """Write clips of one second in some sizes, and copies; some lose half of their bytes."""
    folder.mkdir()
    sizes = [(160 + 32 * number, 120) for number in range(NUM_SIZES)]
    made = [
        make_clip(folder / f"{number:03d}.mp4", seconds=1, gop=30, width=width, height=height)
        for number, (width, height) in enumerate(sizes)
    ]
    for number in range(NUM_SIZES, NUM_CLIPS):
        data = made[number % NUM_SIZES].read_bytes()
        broken = number >= NUM_CLIPS - NUM_BROKEN
        (folder / f"{number:03d}.mp4").write_bytes(data[: len(data) // 2] if broken else data)


def measure(folder: Path) -> dict[str, Any]:
    """Run, kill, run again, and count."""
    killed = kill_half_way(folder)
    after_kill = paths(folder / "out")
    print(f"killed with {len(after_kill)} rows", flush=True)
    resumed = run(folder)
    print(*resumed["said"], sep="\n", flush=True)
    idle = run(folder)
    rows = parquet.read_table(folder / "out").to_pylist()
    times = Counter(row["path"] for row in rows)
    scorer = Scorer()
    scored = [row for row in rows if row["status"] == "ok"][:NUM_COMPARED]
    return {
        "inputs": NUM_CLIPS,
        "workers": WORKERS,
        "ray": metadata.version("ray"),
        "killed": {**killed, "rows": len(after_kill), "distinct": len(set(after_kill))},
        "resumed": resumed,
        "idle": idle,
        "rows": len(rows),
        "distinct": len(times),
        "errors": dict(Counter(row["error"] for row in rows if row["error"])),
        "compared_with_scorer": len(scored),
        "same_digits": sum(scorer.score(row["path"]).score == row["score"] for row in scored),
        "seconds_per_clip_in_a_worker": round(
            sum(row["elapsed_seconds"] for row in rows) / len(rows), 3
        ),
    }


def kill_half_way(folder: Path) -> dict[str, Any]:
    """Start the batch, kill it when half of the rows are written, and wait for Ray to be gone."""
    for starts in range(1, MOST_STARTS + 1):  # noqa: B007 - told at the end
        began = time.perf_counter()
        # A session of its own, by which the processes that it leaves are known.
        process = subprocess.Popen(command(), cwd=folder, start_new_session=True)
        while process.poll() is None and len(paths(folder / "out")) < NUM_CLIPS // 2:
            time.sleep(0.2)
        if process.poll() is None:
            break
        if paths(folder / "out"):
            raise SystemExit("the batch ended before it could be killed; use more clips")
    else:
        raise SystemExit("Ray did not start; wait until the machine is less busy")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    killed = time.perf_counter()
    while (left := processes_of(process.pid)) and time.perf_counter() - killed < _FAREWELL_SECONDS:
        time.sleep(0.5)
    return {
        "starts": starts,
        "wall_seconds": round(killed - began, 1),
        "seconds_until_ray_is_gone": round(time.perf_counter() - killed, 1),
        "processes_left": left,
    }


def run(folder: Path) -> dict[str, Any]:
    """Run the batch to its end; what it says and how long it takes."""
    for starts in range(1, MOST_STARTS + 1):  # noqa: B007 - told at the end
        began = time.perf_counter()
        done = subprocess.run(command(), cwd=folder, stdout=subprocess.PIPE, text=True, check=False)
        # Nothing is said where Ray did not start: the machine is too busy for its 30 s.
        if done.stdout:
            break
    return {
        "starts": starts,
        "exit_code": done.returncode,
        "wall_seconds": round(time.perf_counter() - began, 1),
        "said": done.stdout.splitlines(),
    }


def check(figures: dict[str, Any]) -> None:
    """Stop with a message where the promise is not kept."""
    expected = {
        "rows": NUM_CLIPS,
        "distinct": NUM_CLIPS,
        "errors": {"damaged": NUM_BROKEN},
        "same_digits": NUM_COMPARED,
    }
    found = {name: figures[name] for name in expected}
    if found != expected:
        raise SystemExit(f"expected {expected}, found {found}")


def command() -> list[str]:
    """Return the command under test."""
    return [sys.executable, "-m", "beholder", "batch", "clips", "out", "--workers", str(WORKERS)]


def paths(folder: Path) -> list[str]:
    """Return the path of each row in the parts that are there."""
    parts = sorted(folder.glob("part-*.parquet"))
    return [path for part in parts for path in parquet.read_table(part)["path"].to_pylist()]


def processes_of(session: int) -> int:
    """Return how many processes of a session are alive."""
    found = 0
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found += fields[0] != "Z" and int(fields[3]) == session
    return found


if __name__ == "__main__":
    main()
