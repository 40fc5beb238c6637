"""What frozen models cost: processor seconds per image of each and of what all share; memory.

    python -m benchmarks.pool_throughput POOL IMAGES

Seconds are the processor's, over all threads, so that other work on the machine hardly counts. The
ratio to decoding means the same on another machine.
"""

from __future__ import annotations

import argparse
import resource
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from beholder.media import decode, probe
from beholder.pool.load import load_model
from beholder.pool.loaded import LoadedModel
from beholder.pool.names import read_entries
from beholder.pool.prepare import prepare
from beholder.records import FramePlan
from benchmarks.record import write_result

NUM_IMAGES, BATCH, REPEATS = 16, 16, 3


def main() -> None:
    """Measure decoding, preparing and every model, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pool", nargs="+", help="pool files or names")
    parser.add_argument("images", type=Path, help="folder of images")
    options = parser.parse_args()
    paths = sorted(path for path in options.images.iterdir() if path.is_file())[:NUM_IMAGES]
    models = [load_model(entry) for entry in read_entries(options.pool)]
    pictures = [look(path) for path in paths]
    decoding = seconds(lambda: [look(path) for path in paths], len(paths))
    figures: dict[str, Any] = {"decode_seconds": decoding, "prepare": {}, "models": {}}
    for spec in dict.fromkeys(model.spec for model in models):
        spent = seconds(lambda spec=spec: [prepare(p, spec) for p in pictures], len(paths))
        text = f"{spec.fit} {spec.size_px} {spec.kernel} {spec.pixels}"
        figures["prepare"][text] = {"seconds": spent, "over_decode": round(spent / decoding, 2)}
    for model in models:
        figures["models"][model.entry.name] = measure(model, pictures, decoding)
        print(model.entry.name, figures["models"][model.entry.name])
    # Of the whole process, which holds all models at once as `pool extract` does.
    peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    figures["peak_megabytes"] = round(peak_kilobytes / 1024)
    command = "python -m benchmarks.pool_throughput POOL IMAGES"
    print(write_result("pool_throughput", command=command, figures=figures))


def look(path: Path) -> np.ndarray:
    """Decode an image."""
    (frame,) = decode(probe(path), FramePlan(times_us=(0,)))
    return frame.pixels


def measure(model: LoadedModel, pictures: list[np.ndarray], decoding: float) -> dict[str, Any]:
    """Run one model on prepared pictures, each of which stands for a frame of a clip too."""
    repeats = max(1, model.spec.clip_frames)
    items = [np.stack([prepare(picture, model.spec)] * repeats) for picture in pictures]
    spent = seconds(lambda: model.features(items, batch=BATCH), len(items))
    return {
        "features": model.entry.features,
        "seconds_per_item": spent,
        "items_per_processor_second": round(1 / spent, 1),
        "over_decode": round(spent / decoding, 2),
    }


def seconds(work: Any, count: int) -> float:
    """Return processor seconds per item, the median of some repeats."""
    spent = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) / count)
    return round(median(spent), 5)


if __name__ == "__main__":
    main()
