"""Whether the measure of each named fault rises with its fault and stays low on all others.

    python -m benchmarks.faults LADDERS...

Each folder holds ladders (`beholder ladder make`); their lossless sources are the clean contents.
Limits were settled on every second content (`--choose` shows it); the others are reported. Frames
of 14 of these had been looked at while the measures were drafted. Clips are played forwards and
backwards until they last ten seconds, so that each has the same number of looks.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from statistics import fmean, median
from typing import Any

import numpy as np

from beholder.cards import EMBEDDED
from beholder.evaluation.correlation import srcc
from beholder.faults import KINDS, FaultWatch, measure_picture
from beholder.ladders.manifest import SOURCE, read_manifest
from beholder.ladders.stream import open_clip
from beholder.records import ViewSpec
from beholder.sampling import plan_frames
from beholder.scoring import read_card
from beholder.scoring.arrays import describe_frames, pick_frames
from benchmarks.fault_makers import CLIP_FAULTS, PICTURE_FAULTS
from benchmarks.record import write_result

CLIP_FRAMES, CLIP_FPS = 240, 24.0
CLIP_SIDE_PX, MOST_SLIDE_PX = 256, 120
LOOKS = 16
CLEAN = "clean"

Figures = dict[str, tuple[float, bool]]
"""Measure to its figure on one made picture or clip, and whether the fault would be named."""
Table = dict[str, list[list[Figures]]]
"""Made fault to one list per content, which has one entry per strength."""


def main() -> None:
    """Measure all contents of one half, print the matrix and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("ladders", type=Path, nargs="+")
    parser.add_argument("--choose", action="store_true", help="Look at the other half; no result.")
    parser.add_argument("--most", type=int, help="Take at most so many contents.")
    options = parser.parse_args()
    sources = find_sources(options.ladders)[0 if options.choose else 1 :: 2][: options.most]
    table: Table = defaultdict(list)
    view = read_card(EMBEDDED).view
    for number, (name, path) in enumerate(sources):
        for fault, figures in measure_content(path, view, seed=number).items():
            table[fault].append(figures)
        print(f"{number + 1} of {len(sources)}: {name}", flush=True)
    result = summarise(table)
    print(to_markdown(result))
    if not options.choose:
        print(write_result("faults", command="python -m benchmarks.faults LADDERS", figures=result))


def find_sources(folders: list[Path]) -> list[tuple[str, Path]]:
    """Return name and lossless clip of each content, sorted by name."""
    return sorted(
        (rung.content_id, folder / rung.path)
        for folder in folders
        for rung in read_manifest(folder)
        if rung.codec == SOURCE
    )


def measure_content(path: Path, view: ViewSpec, *, seed: int) -> dict[str, list[Figures]]:
    """Make all faults of one content and measure them."""
    frames = list(islice(open_clip(path).frames(None), CLIP_FRAMES // 2))
    rng = np.random.default_rng(seed)
    picture = frames[len(frames) // 2]
    height, width = (side // 8 * 8 for side in picture.shape[:2])
    picture = picture[:height, :width]
    clip = to_clip(frames)
    found = {CLEAN: [_measure_picture(picture) | measure_clip(clip, view)]}
    for fault, (make, strengths) in PICTURE_FAULTS.items():
        found[fault] = [_measure_picture(make(picture, each, rng)) for each in strengths]
    for fault, (make, strengths) in CLIP_FAULTS.items():
        found[fault] = [measure_clip(make(clip, each, rng), view) for each in strengths]
    return found


def to_clip(frames: list[np.ndarray]) -> np.ndarray:
    """Play the frames to and fro through a window that slides slowly; uint8 [T, H, W, 3].

    The slide keeps the way back from showing the very pictures of the way there.
    """
    there_and_back = [*range(len(frames)), *range(len(frames) - 2, 0, -1)]
    height, width = frames[0].shape[:2]
    top, room = max(0, height - CLIP_SIDE_PX) // 2, min(MOST_SLIDE_PX, width - CLIP_SIDE_PX)
    shown = []
    for number in range(CLIP_FRAMES):
        left = number * room // CLIP_FRAMES
        frame = frames[there_and_back[number % len(there_and_back)]]
        shown.append(frame[top : top + CLIP_SIDE_PX, left : left + CLIP_SIDE_PX])
    return np.stack(shown)


def measure_clip(clip: np.ndarray, view: ViewSpec) -> Figures:
    """Measure a clip as the scorer would, at `LOOKS` looks."""
    info = describe_frames(clip, fps=CLIP_FPS)
    watch = FaultWatch(plan_frames(info, replace(view, min_frames=LOOKS)), info)
    for _ in watch.tap(pick_frames(clip, watch.plan, fps=CLIP_FPS)):
        pass
    # The window shows too little of a picture to judge its light and detail by.
    faults = (fault for fault in watch.faults() if fault.name in CLIP_FAULTS)
    return {fault.name: (fault.value, fault.named) for fault in faults}


def _measure_picture(pixels: np.ndarray) -> Figures:
    figures = measure_picture(pixels)
    return {name: (value, value > KINDS[name].limit) for name, value in figures.items()}


def summarise(table: Table) -> dict[str, Any]:
    """Return agreement with the strength, and how often each fault would be named."""
    own = {name: _agreement(table[name], name) for name in KINDS if name in table}
    named = {
        made: {name: _share_named(contents, name) for name in KINDS}
        for made, contents in table.items()
    }
    return {"num_contents": len(table[CLEAN]), "own": own, "named": named}


def _agreement(contents: list[list[Figures]], name: str) -> dict[str, Any]:
    # Where a fault has made all black, nothing is left to measure.
    pairs = [
        [(step, figures[name][0]) for step, figures in enumerate(content) if name in figures]
        for content in contents
    ]
    within = [srcc(*zip(*content, strict=True)) for content in pairs if len(content) > 2]
    steps = list(zip(*contents, strict=True))
    columns = [[figures[name] for figures in each if name in figures] for each in steps]
    return {
        "srcc_within": round(fmean(within), 3),
        "srcc_within_worst": round(min(within), 3),
        "srcc_pooled": round(srcc(*zip(*chain.from_iterable(pairs), strict=True)), 3),
        "median_by_strength": [round(median(value for value, _ in each), 2) for each in columns],
        "named_by_strength": [round(fmean(named for _, named in each), 2) for each in columns],
    }


def _share_named(contents: list[list[Figures]], name: str) -> float | None:
    """Return how often a fault is named; None where it was not asked for."""
    found = [figures[name][1] for content in contents for figures in content if name in figures]
    return round(fmean(found), 3) if found else None


def to_markdown(result: dict[str, Any]) -> str:
    """Show the matrix: made faults in rows, shares of named faults in columns."""
    names = list(KINDS)
    lines = ["| made | " + " | ".join(names) + " |", "| --- |" + " --- |" * len(names)]
    for made, shares in result["named"].items():
        cells = ("-" if shares[name] is None else f"{100 * shares[name]:.0f}" for name in names)
        lines.append(f"| {made} | " + " | ".join(cells) + " |")
    for name, own in result["own"].items():
        lines.append(f"{name}: {own}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
