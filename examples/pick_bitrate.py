"""Find the lowest bitrate that still looks good.

    python examples/pick_bitrate.py source.mp4

Takes the first two seconds, so that it answers quickly; a real choice looks at more.
"""

import sys
import tempfile
from pathlib import Path

from beholder import Scorer
from beholder.ladders.encode import encode
from beholder.media import decode, probe
from beholder.records import FramePlan

WANTED_SCORE = 60
LADDER_KBPS = (4000, 2000, 1000, 500, 250)

source = probe(sys.argv[1])
fps = source.fps or 1.0
num_frames = min(source.num_frames, round(2 * fps))
times_us = tuple(round(1_000_000 * index / fps) for index in range(num_frames))
frames = [frame.pixels for frame in decode(source, FramePlan(times_us=times_us))]

scorer = Scorer()
chosen_kbps = None
with tempfile.TemporaryDirectory() as folder:
    for kbps in LADDER_KBPS:
        path = Path(folder) / f"{kbps}.mp4"
        encode(frames, path, codec="x264", fps=fps, kbps=kbps)
        score = scorer.score(path)
        print(f"{kbps:>5} kbit/s: {score.score:.1f}, {score.word}")
        if score.score >= WANTED_SCORE:
            chosen_kbps = kbps
print(f"lowest rate with at least {WANTED_SCORE}: {chosen_kbps or 'none of these'} kbit/s")
