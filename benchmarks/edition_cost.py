"""What a score costs under one model over what it costs under another: processor time, in one run.

    python -m benchmarks.edition_cost FILE... --models embedded-1 embedded

All files are scored by one whole process of `beholder score`, the models in turn. The ratio is that
of the medians of processor time, user and system.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.record import write_result

COMMAND = "python -m benchmarks.edition_cost FILE... --models embedded-1 embedded"
REPEATS = 7


def main() -> None:
    """Measure the files one kind at a time and print the ratios."""
    given = _parse()
    figures = {}
    kinds = {"one": given.files[:1], "all": given.files}
    for kind, files in kinds.items():
        seconds: dict[str, list[float]] = {model: [] for model in given.models}
        for _ in range(REPEATS):
            for model in given.models:
                seconds[model].append(processor_seconds(files, model))
        first, second = (statistics.median(seconds[model]) for model in given.models)
        figures[kind] = {
            "files": len(files),
            "seconds": [round(first, 3), round(second, 3)],
            "ratio": round(second / first, 3),
        }
        print(kind, figures[kind], flush=True)
    figures["models"] = given.models
    print(write_result(given.name, command=COMMAND, figures=figures))


def processor_seconds(files: list[Path], model: str) -> float:
    """Score files in a process of its own, and return its processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "beholder", "score", *map(str, files), "--model", model]
    subprocess.run([*command, "--format", "json"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--models", nargs=2, default=["embedded-1", "embedded"])
    parser.add_argument("--name", default="edition_cost", help="of the result file")
    return parser.parse_args()


if __name__ == "__main__":
    main()
