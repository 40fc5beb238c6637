"""`beholder compare`: two versions of one source, without the source."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholder.app.sink import open_sink, write_text
from beholder.cards import EMBEDDED
from beholder.evaluation.knee import FLOOR_POINTS

if TYPE_CHECKING:
    from beholder.records import MediaInfo
    from beholder.reports.comparison import Comparison

EXIT_WORSE = 3
_SAME_SHAPE = 0.02
"""Ratios of the sides that differ by less are one shape: codecs want even or larger multiples."""


class Format(StrEnum):
    """How a comparison is written."""

    table = "table"
    json = "json"


def compare(
    first: Annotated[str, typer.Argument(metavar="A", help="What there was: an image or a video.")],
    second: Annotated[str, typer.Argument(metavar="B", help="What would replace it.")],
    output_format: Annotated[
        Format, typer.Option("--format", help="How the result is written.")
    ] = Format.table,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write here, not to the terminal."),
    ] = None,
    floor: Annotated[
        float,
        typer.Option("--floor", metavar="POINTS", min=0, help="Least uncertainty of a gap."),
    ] = FLOOR_POINTS,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME-OR-FILE",
            help="A name from `beholder models`, or an exported file.",
        ),
    ] = EMBEDDED,
) -> None:
    """Say whether B looks worse than A, and whether the model can be sure.

    A and B are versions of one source, such as two encodes; the source is not needed. Two
    things blur the gap, and their squares add: only some frames are looked at (a paired t
    interval over the looks), and the model does not see all kinds of loss alike (--floor,
    measured on encodes that look alike to VMAF). A gap within that uncertainty is no
    difference. A smaller version is judged stretched to the size of the larger, as seen.

    \b
    Examples:
      beholder compare old.mp4 new.mp4
      beholder compare old.mp4 new.mp4 --format json --output gap.json
      beholder compare old.mp4 new.mp4 && ./publish new.mp4

    \b
    Exit codes: 0 B is better or no different, 1 a file failed, 2 wrong usage,
    3 B is worse, 130 stopped by Ctrl-C.
    """
    from beholder.media import probe
    from beholder.reports.comparison import compare_scores, comparison_json, comparison_table
    from beholder.scoring import Scorer

    infos = probe(first), probe(second)
    shown_px, notes = _common_size(*infos)
    scorer = Scorer(model)
    with open_sink(output, stream=False) as sink:
        comparison: Comparison = compare_scores(
            scorer.score(first, shown_px=shown_px),
            scorer.score(second, shown_px=shown_px),
            floor=floor,
            notes=notes,
        )
        render = comparison_json if output_format is Format.json else comparison_table
        write_text(sink, render(comparison))
    raise typer.Exit(EXIT_WORSE if comparison.verdict == "worse" else 0)


def _common_size(
    first: MediaInfo, second: MediaInfo
) -> tuple[tuple[int, int] | None, tuple[str, ...]]:
    """Return the size at which both are judged (None: each its own), and what to tell of it."""
    sizes = [(info.width_px, info.height_px) for info in (first, second)]
    if sizes[0] == sizes[1]:
        return None, ()
    shapes = [width / height for width, height in sizes]
    if max(shapes) > min(shapes) * (1 + _SAME_SHAPE):
        return None, ("shapes differ: each is judged in its own size",)
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return (width, height), (f"both are judged at {width} x {height}",)
