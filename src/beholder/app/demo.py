"""`beholder demo`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from beholder.app.climb import CURVE, Climb, climb, make_folder, write_curve
from beholder.app.clip import FPS, SIDE_PX, moving_clip
from beholder.app.progress import track
from beholder.app.sink import write_text
from beholder.cards import EMBEDDED
from beholder.evaluation.knee import FLOOR_POINTS
from beholder.reports.ladder import build_ladder, ladder_table

# An old codec and a new one at the same rates; each rung halves the rate.
_CODECS = ("x264", "av1")
_RUNGS = "kbps:1200,600,300,150,75"
_NAME = "demo clip"


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where clips and the picture go.")
    ] = Path("beholder-demo"),
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME-OR-FILE",
            help="A name from `beholder models`, or an exported file.",
        ),
    ] = EMBEDDED,
) -> None:
    """Make a clip, encode it at falling rates, score each.

    Needs no file: a slow move over a public-domain portrait is encoded with x264 and AV1 at
    halving bit rates. Prints a table; leaves the encoded clips and curve.png in the folder.

    \b
    Examples:
      beholder demo
      beholder demo --out /tmp/demo
    """
    from beholder.ladders.rungs import plan_rungs
    from beholder.ladders.stream import Clip
    from beholder.scoring import Scorer

    scorer = Scorer(model)
    make_folder(out)
    frames = np.stack(list(moving_clip()))
    clip = Clip(
        frames=lambda _height_px: iter(frames),
        num_frames=len(frames),
        fps=FPS,
        width_px=SIDE_PX,
        height_px=SIDE_PX,
    )
    plans = plan_rungs(_CODECS, [_RUNGS], source_height_px=SIDE_PX)
    source = scorer.score_frames(frames, fps=FPS)
    how = Climb(clip=clip, scorer=scorer, out=out, keep=True)
    rungs = list(track(climb(plans, how), total=len(plans), label="Encoding and scoring"))
    ladder = build_ladder(rungs, source=_NAME, notes=(), floor=FLOOR_POINTS)
    write_curve(ladder, out, title="Beholder demo: one clip at falling rates (ring: knee)")
    low, high = source.interval
    text = (
        f"{ladder_table(ladder)}"
        f"Not encoded: {source.score:.2f} ({low:.2f} - {high:.2f}), {source.word}.\n"
        f"Clips and {CURVE} are in: {out}\n"
    )
    write_text(sys.stdout.buffer, text)
