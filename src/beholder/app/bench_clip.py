"""Draws and encodes the clip of `beholder bench`, in a process of its own to keep that small.

python -m beholder.app.bench_clip FILE WIDTH HEIGHT SECONDS
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np

FPS = 25.0
_REACH_PX = 64
_CRF = 23


def main() -> None:
    """Write the clip."""
    path, width, height, seconds = sys.argv[1:]
    from beholder.ladders.encode import encode

    frames = _frames(int(width), int(height), round(float(seconds) * FPS))
    encode(frames, path, codec="x264", fps=FPS, crf=_CRF)


def _frames(width: int, height: int, count: int) -> Iterator[np.ndarray]:
    """Move a camera in circles over a texture with a little grain."""
    from beholder.scoring.drawn import draw_texture

    wide = draw_texture(height + 2 * _REACH_PX, width + 2 * _REACH_PX, seed=7)
    grain = np.random.default_rng(0).integers(-3, 4, (4, height, width, 1), np.int16)
    for number in range(count):
        left = round(_REACH_PX * (1 + np.sin(number / 17)))
        top = round(_REACH_PX * (1 + np.cos(number / 23)))
        frame = wide[top : top + height, left : left + width] + grain[number % 4]
        yield frame.clip(0, 255).astype(np.uint8)


if __name__ == "__main__":
    main()
