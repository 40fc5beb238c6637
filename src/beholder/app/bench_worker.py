"""Scores one file several times in a process of its own and prints what it cost, as JSON.

python -m beholder.app.bench_worker MODEL FILE REPEATS

A process of its own, because memory that was once taken counts for the rest of a process.
"""

from __future__ import annotations

import json
import sys
import time


def main() -> None:
    """Score, and print seconds, duration and peak memory."""
    model, path, repeats = sys.argv[1:]
    from beholder.scoring import Scorer

    began = time.perf_counter()
    scorer = Scorer(model)
    # The first run also loads the network and fills tables; a service pays that once.
    score = scorer.score(path)
    first_seconds = time.perf_counter() - began
    wall, processor = [], []
    for _ in range(int(repeats)):
        clocks = time.perf_counter(), time.process_time()
        scorer.score(path)
        wall.append(time.perf_counter() - clocks[0])
        processor.append(time.process_time() - clocks[1])
    figures = {
        "duration_seconds": score.duration_seconds,
        "width_px": score.width_px,
        "height_px": score.height_px,
        "frames_used": score.frames_used,
        "first_seconds": first_seconds,
        "wall_seconds": sorted(wall)[len(wall) // 2],
        "cpu_seconds": sorted(processor)[len(processor) // 2],
        "peak_bytes": _peak_bytes(),
    }
    print(json.dumps(figures))


def _peak_bytes() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()
