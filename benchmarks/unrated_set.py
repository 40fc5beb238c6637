"""Make pictures that nobody rated, for a teacher to judge: squares of 512 px cut from photographs.

    python -m benchmarks.unrated_set OUT FOLDER...

Of every photograph of the folders whose shorter side has 512 px or more come `--each` squares,
each from another place and shrunk from another size; every second one gets a fault of
`benchmarks.synthetic_set`, at a kind and level that the photograph's name decides. OUT is for
`--set data.unrated=OUT` of `beholder train embedded`, after `benchmarks.embedded_teacher` judged
it. No label is made, and none is needed.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from beholder.media import decode, probe
from beholder.records import FramePlan
from beholder.sampling.resize import resize
from benchmarks.synthetic_set import FAULTS, pictures_in, write_png

SIDE_PX = 512


def main() -> None:
    """Make the set."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--each", type=int, default=12, help="Squares of each photograph.")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for path in (path for folder in options.folders for path in pictures_in(folder)):
        (frame,) = decode(probe(path), FramePlan(times_us=(0,)))
        rng = np.random.default_rng(zlib.crc32(path.name.encode()))
        for number, square in enumerate(squares_of(frame.pixels, options.each, rng)):
            write_png(options.out / f"{path.stem}_{number:02d}.png", square)
        print(path.name, flush=True)


def squares_of(pixels: np.ndarray, each: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Cut squares, uint8 [512, 512, 3], from pixels [H, W, 3]; none from a smaller picture."""
    height, width, _ = pixels.shape
    if min(height, width) < SIDE_PX:
        return
    for number in range(each):
        # As many near the picture's own resolution as near the whole of it.
        side = round(SIDE_PX * (min(height, width) / SIDE_PX) ** rng.random())
        top, left = rng.integers(height - side + 1), rng.integers(width - side + 1)
        cut = resize(
            pixels[top : top + side, left : left + side], height_px=SIDE_PX, width_px=SIDE_PX
        )
        clean = np.rint(cut.transpose(1, 2, 0)).clip(0, 255).astype(np.uint8)
        yield _with_fault(clean, rng) if number % 2 else clean


def _with_fault(clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    fault, levels = FAULTS[str(rng.choice(sorted(FAULTS)))]
    return np.rint(fault(clean, float(rng.choice(levels)), rng)).clip(0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
