"""Time and memory of InternVideo2 on one clip, in float32 and in bfloat16.

    python -m benchmarks.internvqa_speed CLIP

Weights are random, which costs what trained ones cost. Every row is a process of its own, so that
its peak of memory is its own; the peak is that of the passes through the network. Seconds are
processor time: other work on the machine does not count. Linux only.
"""

from __future__ import annotations

import argparse
import functools
import gc
import multiprocessing
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from beholder.models.internvqa import count_multiply_adds
from beholder.models.students import ClipNetwork, build
from beholder.training.c2f_clips import open_clips
from beholder.training.distil_recipe import DistilData
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.internvqa_speed CLIP"
NETWORKS = ("internvideo2_s", "internvideo2_b")
PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
PASSES = 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    rows = []
    for network in given.networks:
        found = {
            precision: _alone(
                functools.partial(measure, given.clip, network, precision, given.threads)
            )
            for precision in PRECISIONS
        }
        seen = {precision: np.array(row.pop("features")) for precision, row in found.items()}
        for precision, row in found.items():
            # Features lie about 1 from 0, by the last norm.
            apart = np.abs(seen[precision] - seen["float32"]).mean()
            row["features_differ"] = round(float(apart), 4)
            rows.append({"network": network, "precision": precision, **row})
            print(rows[-1])
    write_result(
        "internvqa_speed", command=COMMAND, figures={"threads": given.threads, "rows": rows}
    )


def measure(clip: Path, network: str, precision: str, threads: int) -> dict[str, Any]:
    """Score a clip as a run of InternVQA would, and tell what it took."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    data = DistilData(windows=1)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        store = Path(folder, "clip.npy")
        clips = open_clips([clip], store, view=data.view, progress=lambda *_: None)
        views = torch.from_numpy(clips[0])
        decoding = time.process_time() - begun
    model = build(ClipNetwork(network=network), frames=data.frames, side=data.side_px).eval()
    operations = _count(network, data)
    model, views = model.to(PRECISIONS[precision]), views.to(PRECISIONS[precision])
    resident = _forget_peak()
    times = []
    with torch.inference_mode():
        for _ in range(PASSES + 1):
            begun, wall = time.process_time(), time.perf_counter()
            features = model.features(views)
            model.head(features)
            times.append((time.process_time() - begun, time.perf_counter() - wall))
    seconds, wall_seconds = np.min(times[1:], axis=0)
    return {
        "parameters_millions": round(sum(p.numel() for p in model.parameters()) / 1e6, 1),
        "giga_multiply_adds": operations,
        "decoding_seconds": round(decoding, 2),
        "network_seconds": round(float(seconds), 2),
        "network_wall_seconds": round(float(wall_seconds), 2),
        "resident_megabytes": resident,
        "peak_megabytes": _memory("VmHWM"),
        "features": features[0].float().tolist(),
    }


def _count(network: str, data: DistilData) -> float:
    with torch.device("meta"), torch.no_grad():
        model = build(ClipNetwork(network=network), frames=data.frames, side=data.side_px).eval()
        return round(count_multiply_adds(model, torch.zeros(1, *model.view_shape)) / 1e9, 1)


def _forget_peak() -> int:
    """Let the peak begin anew, without decoding and loading; return what is in use."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1]) // 1024


def _alone(function: Any) -> dict[str, Any]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        result: dict[str, Any] = pool.apply(function)
    return result


if __name__ == "__main__":
    main()
