"""`beholder demo`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer

from beholder.app.clip import FPS, moving_clip
from beholder.app.progress import track
from beholder.app.sink import open_sink, write_text
from beholder.cards import EMBEDDED
from beholder.errors import UsageError
from beholder.records import Score
from beholder.reports.rate_curve import RatePoint, draw_rate_curve
from beholder.reports.table import to_table

if TYPE_CHECKING:
    from beholder.scoring import Scorer

# An old codec and a new one at the same rates; each rung halves the rate.
_CODECS = ("x264", "av1")
_TARGETS_KBPS = (1200, 600, 300, 150, 75)
_CURVE = "curve.png"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """The clip, encoded by one codec at one rate."""

    codec: str
    target_kbps: int
    actual_kbps: float
    score: Score


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
    r"""Make a clip, encode it at falling rates, score each.

    Needs no file: a slow move over a public-domain portrait is encoded with x264 and AV1 at
    halving bit rates. Prints a table; leaves the encoded clips and curve.png in the folder.

    \b
    Examples:
      beholder demo
      beholder demo --out /tmp/demo
    """
    from beholder.scoring import Scorer

    scorer = Scorer(model)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"expected a folder that can be made, found {str(out)!r}: {error.strerror}; "
            "choose another --out"
        ) from error
    frames = np.stack(list(moving_clip()))
    total = len(_CODECS) * len(_TARGETS_KBPS)
    source = scorer.score_frames(frames, fps=FPS)
    rungs = list(track(_climb(frames, out, scorer), total=total, label="Encoding and scoring"))
    with open_sink(out / _CURVE, stream=False) as sink:
        sink.write(_draw(rungs))
    write_text(sys.stdout.buffer, _table(source, rungs) + f"\nClips and {_CURVE} are in: {out}\n")


def _climb(frames: np.ndarray, out: Path, scorer: Scorer) -> Iterator[Rung]:
    from beholder.ladders.encode import CODECS, encode

    for codec in _CODECS:
        for target_kbps in _TARGETS_KBPS:
            path = out / f"{codec}-{target_kbps}kbps{CODECS[codec].suffix}"
            size_bytes = encode(frames, path, codec=codec, fps=FPS, kbps=target_kbps)
            yield Rung(
                codec=codec,
                target_kbps=target_kbps,
                actual_kbps=size_bytes * 8 * FPS / len(frames) / 1000,
                score=scorer.score(path),
            )


def _table(source: Score, rungs: Sequence[Rung]) -> str:
    header = ("target kbit/s", "actual kbit/s", "score", "90 % interval", "word", "codec")
    rows = [
        (str(rung.target_kbps), f"{rung.actual_kbps:.0f}", *_judgement(rung.score), rung.codec)
        for rung in rungs
    ]
    return to_table(header, [("-", "-", *_judgement(source), "not encoded"), *rows], left=4)


def _judgement(score: Score) -> tuple[str, str, str]:
    low, high = score.interval
    return f"{score.score:.2f}", f"{low:.2f} - {high:.2f}", score.word


def _draw(rungs: Sequence[Rung]) -> bytes:
    curves = {
        codec: [
            RatePoint(kbps=rung.actual_kbps, score=rung.score.score)
            for rung in rungs
            if rung.codec == codec
        ]
        for codec in _CODECS
    }
    return draw_rate_curve(curves, title="Beholder demo: score of one clip at falling bit rates")
