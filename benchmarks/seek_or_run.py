"""Measure the ways to reach planned frames of H.264 clips, as ratios of decoding the whole clip.

The clips are made on the spot: a camera that moves over a fractal texture with a little grain,
1080p, 30 frames per second, keyframes every 30 or 250 frames. The constants of
`beholder.media.seek` come from the results.

    python -m benchmarks.seek_or_run --output benchmarks/results/seek_or_run.json
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from beholder.media import decode, probe
from beholder.media.container import Media, open_media
from beholder.media.decode import last_tick
from beholder.media.reader import FrameReader
from beholder.media.seek import Segment, group_targets, packets_before, packets_from_start
from beholder.records import FramePlan
from benchmarks.clips import FPS, HEIGHT, WIDTH, make_clip

NUM_THREADS = 2
PLANNED_FRAMES = {10: (10, 20), 60: (32,)}
JUMP_COSTS = (2, 4, 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, nargs="+", default=[10, 60])
    parser.add_argument("--gops", type=int, nargs="+", default=[30, 250])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for gop in arguments.gops:
            for seconds in arguments.seconds:
                clip = make_clip(Path(folder) / f"{gop}_{seconds}.mp4", seconds=seconds, gop=gop)
                rows += measure(clip, seconds=seconds, gop=gop, repeats=arguments.repeats)
                clip.unlink()
    report = {
        "benchmark": "seek_or_run",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "hardware": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {
            "av": av.__version__,
            "ffmpeg": av.ffmpeg_version_info,
            "numpy": np.__version__,
        },
        "clip": f"H.264 {WIDTH}x{HEIGHT}, {FPS} fps, x264 veryfast crf 23, 3 B-frames",
        "decoder_threads": NUM_THREADS,
        "unit": "median over the median of decoding the whole clip; cpu: of all threads together",
        "read": "the cpu ratios; clock ratios are only steady on an idle machine",
        "repeats": arguments.repeats,
        "rows": rows,
    }
    print(json.dumps(report, indent=1))
    if arguments.output:
        arguments.output.write_text(json.dumps(report, indent=1) + "\n")


def measure(clip: Path, *, seconds: int, gop: int, repeats: int) -> list[dict[str, object]]:
    """Time every way on one clip, in turns, so that other work on the machine hurts all alike."""
    info = probe(clip)
    ways: dict[str, Callable[[], object]] = {"whole clip": lambda: decode_whole(clip)}
    for count in PLANNED_FRAMES.get(seconds, (10,)):
        step = info.duration_seconds * 10**6 / count
        times_us = tuple(int(step * (number + 0.5)) for number in range(count))
        ways[f"{count} frames: run, decode all"] = lambda t=times_us: read(
            clip, t, jump_cost=None, may_skip=False
        )
        ways[f"{count} frames: run, skip"] = lambda t=times_us: read(clip, t, jump_cost=None)
        for cost in JUMP_COSTS:
            ways[f"{count} frames: jump cost {cost}"] = lambda t=times_us, c=cost: read(
                clip, t, jump_cost=c
            )
        ways[f"{count} frames: jump to each"] = lambda t=times_us: read(clip, t, jump_cost=-(10**6))
        ways[f"{count} frames: beholder.media.decode to RGB"] = lambda t=times_us: sum(
            1 for _ in decode(info, FramePlan(times_us=t))
        )
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            began = time.perf_counter(), time.process_time()
            way()
            ended = time.perf_counter(), time.process_time()
            taken[name].append((ended[0] - began[0], ended[1] - began[1]))
    whole = np.median(taken["whole clip"], axis=0)
    rows: list[dict[str, object]] = []
    for name, times in taken.items():
        clock, cpu = np.median(times, axis=0) / whole
        row = {"seconds": seconds, "gop": gop, "way": name}
        rows.append({**row, "clock_ratio": round(clock, 3), "cpu_ratio": round(cpu, 3)})
    rows[0] |= {"clock_seconds": round(whole[0], 2), "cpu_seconds": round(whole[1], 2)}
    return rows


def decode_whole(clip: Path) -> int:
    with open_media(str(clip)) as media:
        open_threads(media)
        return sum(1 for _ in media.container.decode(media.stream))


def read(
    clip: Path, times_us: tuple[int, ...], *, jump_cost: int | None, may_skip: bool = True
) -> int:
    """Find the planned frames without converting them; `jump_cost` None never jumps."""
    with open_media(str(clip)) as media:
        open_threads(media)
        stream = media.stream
        targets = [last_tick(t, stream.time_base) for t in times_us]
        entries = stream.index_entries
        segments = (
            [Segment(tuple(targets), jumps=False)]
            if jump_cost is None
            else group_targets(
                targets,
                start=0,
                keyframe_before=lambda t: entries[entries.search_timestamp(t)].timestamp,
                min_gain=round(Fraction(jump_cost, FPS) / stream.time_base),
                blind_gap=0,
            )
        )
        return sum(
            1 for segment in segments for _ in read_segment(media, segment, may_skip=may_skip)
        )


def read_segment(media: Media, segment: Segment, *, may_skip: bool) -> Iterator[object]:
    packets = (
        packets_before(media, segment.targets[0]) if segment.jumps else packets_from_start(media)
    )
    return FrameReader(media.stream, segment, fps=FPS, may_skip=may_skip).read(packets)


def open_threads(media: Media) -> None:
    media.stream.thread_type = "AUTO"
    media.stream.thread_count = NUM_THREADS


if __name__ == "__main__":
    main()
