"""What scoring costs: time against decoding, start-up, peak memory, growth with duration.

    python -m benchmarks.cost

Clips are made on the spot in a temporary folder (about 5 GB), drawn and so easier to decode than
what cameras take: name files of your own to measure those too. Every time is the wall clock of a
whole process; score and decode take turns, so that a busy machine hurts both alike.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import av
from imageio_ffmpeg import get_ffmpeg_exe

from benchmarks.clips import make_clip
from benchmarks.record import write_result

GOP = 250
REPEATS = 5
DECODE = """
import av, sys, time
with av.open(sys.argv[1]) as container:
    stream = container.streams.video[0]
    stream.thread_type, stream.thread_count = "AUTO", 2
    began = time.perf_counter()
    frames = sum(1 for _ in container.decode(stream))
print(time.perf_counter() - began)
"""
"""Decodes every frame with PyAV on two threads; prints seconds without start-up."""


def main() -> None:
    """Make the clips, measure, print and write the result."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory() as name:
        # In a process of its own: a child is charged with the largest memory its parent ever had.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            clips = other.submit(make_clips, Path(name)).result()
        timed = [clips["10 s"], clips["60 s"], *options.clips]
        figures: dict[str, Any] = {
            "score_over_decode": {
                clip.stem: measure_ratio(clip, options.repeats) for clip in timed
            },
            "start_up_seconds": measure_start_up(options.repeats),
            "score": {label: run("score", str(clip)) for label, clip in clips.items()},
        }
    print(write_result("cost", command="python -m benchmarks.cost", figures=figures))
    print(figures)


def make_clips(folder: Path) -> dict[str, Path]:
    """Write clips of five kinds; the long ones show the minute again and again."""
    minute = make_clip(folder / "60s.mp4", seconds=60, gop=GOP)
    return {
        "10 s": make_clip(folder / "10s.mp4", seconds=10, gop=GOP),
        "60 s": minute,
        "10 min": repeat_clip(minute, folder / "10min.mp4", times=10),
        "3 h": repeat_clip(minute, folder / "3h.mp4", times=180),
        "4K, 10 s": make_clip(folder / "4k.mp4", seconds=10, gop=GOP, width=3840, height=2160),
    }


def measure_ratio(clip: Path, repeats: int) -> dict[str, float]:
    """Return medians of scoring one clip and of decoding it, and the ratios of the two.

    Decoding is measured twice: inside a process that has started already, and as a user would, the
    command `ffmpeg` as a whole process. Scoring is always a whole process.
    """
    score, decode, command = [], [], []
    ffmpeg = [get_ffmpeg_exe(), "-v", "error", "-nostdin", "-i", str(clip), "-f", "null", "-"]
    for _ in range(repeats):
        score.append(run("score", str(clip))["wall_seconds"])
        decoded = subprocess.run(
            [sys.executable, "-c", DECODE, str(clip)], capture_output=True, text=True, check=True
        )
        decode.append(float(decoded.stdout))
        command.append(_timed(ffmpeg)["wall_seconds"])
    return {
        "score_seconds": round(median(score), 3),
        "decode_seconds": round(median(decode), 3),
        "ratio": round(median(score) / median(decode), 3),
        "ffmpeg_seconds": round(median(command), 3),
        "ratio_to_ffmpeg": round(median(score) / median(command), 3),
    }


def measure_start_up(repeats: int) -> dict[str, float]:
    """Return medians of an empty Python, of importing Beholder, and of its manual."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "import beholder": [sys.executable, "-c", "import beholder"],
        "beholder --help": [sys.executable, "-m", "beholder", "--help"],
    }
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            taken[name].append(_timed(command)["wall_seconds"])
    return {name: round(median(values), 3) for name, values in taken.items()}


def run(*arguments: str) -> dict[str, float]:
    """Run `beholder` with arguments and measure the process."""
    return _timed([sys.executable, "-m", "beholder", *arguments, "--format", "json"])


def _timed(command: Sequence[str]) -> dict[str, float]:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command} ended with exit code {process.returncode}")
    return {
        "wall_seconds": round(wall, 3),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "peak_mb": round(usage.ru_maxrss / 1000),
    }


def repeat_clip(source: Path, out: Path, *, times: int) -> Path:
    """Write a clip that shows `source` several times, without encoding it again."""
    with av.open(str(out), "w") as target:
        stream = None
        for number in range(times):
            with av.open(str(source)) as container:
                video = container.streams.video[0]
                stream = stream or target.add_stream_from_template(video)
                shift = number * video.duration
                for packet in container.demux(video):
                    if packet.dts is None:
                        continue
                    packet.pts += shift
                    packet.dts += shift
                    packet.stream = stream
                    target.mux(packet)
    return out


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("clips", type=Path, nargs="*", help="clips of your own for the ratio")
    parser.add_argument("--repeats", type=int, default=REPEATS, help="of each time; median is kept")
    return parser


if __name__ == "__main__":
    main()
