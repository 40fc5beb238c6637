"""What named faults cost beside the score: processor time with and without them.

    python -m benchmarks.fault_cost CLIP...

Each clip is scored as it is and repeated until it lasts a minute; both ways take turns in one
process, and the medians of processor time are divided.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from pathlib import Path
from statistics import median

from beholder import Scorer
from beholder.media import probe
from benchmarks.cost import repeat_clip
from benchmarks.record import write_result

MINUTE_SECONDS = 60.0


def main() -> None:
    """Measure, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clips", type=Path, nargs="+")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    scorer = Scorer()
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        for clip in options.clips:
            times = math.ceil(MINUTE_SECONDS / (probe(clip).duration_seconds or MINUTE_SECONDS))
            longer = repeat_clip(clip, Path(folder, f"{clip.stem} x {times}.mp4"), times=times)
            for path in (clip, longer):
                figures[path.stem] = measure(scorer, path, options.repeats)
                print(path.stem, figures[path.stem], flush=True)
    print(
        write_result(
            "fault_cost", command="python -m benchmarks.fault_cost CLIP ...", figures=figures
        )
    )


def measure(scorer: Scorer, path: Path, repeats: int) -> dict[str, float]:
    """Return medians in processor seconds, and their ratio."""
    taken: dict[bool, list[float]] = {False: [], True: []}
    scorer.score(path, faults=True)
    for _ in range(repeats):
        for faults, seconds in taken.items():
            began = time.process_time()
            scorer.score(path, faults=faults)
            seconds.append(time.process_time() - began)
    without, with_faults = median(taken[False]), median(taken[True])
    return {
        "cpu_seconds": round(without, 3),
        "cpu_seconds_with_faults": round(with_faults, 3),
        "ratio": round(with_faults / without, 3),
    }


if __name__ == "__main__":
    main()
