"""`beholder ladder`: one source at several rates, and where more bits stop paying."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from beholder.app.climb import CURVE, Climb, climb, make_folder, write_curve
from beholder.app.progress import track
from beholder.app.sink import open_sink, write_text
from beholder.cards import EMBEDDED
from beholder.evaluation.knee import FLOOR_POINTS
from beholder.reports.ladder import Ladder, build_ladder, ladder_csv, ladder_json, ladder_table

_NAME_SIGNS = 24
"""Signs of a file's name that fit into the title of the picture."""


class Format(StrEnum):
    """How a ladder is written."""

    table = "table"
    json = "json"
    csv = "csv"


def ladder(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A video, as good as there is one.")
    ],
    codec: Annotated[
        str,
        typer.Option("--codec", metavar="NAMES", help="Some of x264,x265,vp9,av1, with commas."),
    ] = "x264",
    rungs: Annotated[
        list[str] | None,
        typer.Option(
            "--rungs",
            metavar="KIND:VALUES",
            help="crf:..., kbps:... or size:...; a rate and a size together: each at each."
            "  [default: crf:18,23,28,33,38,43]",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the picture and kept clips go.")
    ] = Path("beholder-ladder"),
    keep: Annotated[bool, typer.Option("--keep", help="Leave the clips in --out.")] = False,
    limit_seconds: Annotated[
        float | None,
        typer.Option("--limit-seconds", metavar="S", min=0.01, help="Take only the start."),
    ] = None,
    vmaf: Annotated[
        bool, typer.Option("--vmaf", help="Measure VMAF too; needs beholder[vmaf].")
    ] = False,
    floor: Annotated[
        float,
        typer.Option("--floor", metavar="POINTS", min=0, help="Least uncertainty of a loss."),
    ] = FLOOR_POINTS,
    output_format: Annotated[
        Format, typer.Option("--format", help="How the result is written.")
    ] = Format.table,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write here, not to the terminal."),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME-OR-FILE",
            help="A name from `beholder models`, or an exported file.",
        ),
    ] = EMBEDDED,
) -> None:
    """Encode a source at several rates, score each, find the knee.

    The knee of a codec is its lowest rate whose score is within the model's own uncertainty
    of the best: more bits buy nothing that the model can be sure of. The score needs no
    reference. Draws the curves into curve.png in --out.

    \b
    Examples:
      beholder ladder film.mov
      beholder ladder film.mov --codec x264,av1 --rungs crf:20,26,32,38 --limit-seconds 20
      beholder ladder film.mov --rungs kbps:4000,2000,1000 --rungs size:1080,720,540
      beholder ladder film.mov --vmaf --keep --out rungs --format json
      beholder ladder ./make                a file that is called make

    \b
    Training sets: `beholder ladder make SOURCES OUT`; see `beholder ladder make --help`.
    Rungs: crf is the codec's own constant quality, kbps a mean rate, size a height in pixels
    (shown and judged at the size of the source). The rate in the table is that of the file.
    Exit codes: 0 done, 1 the source or an encode failed, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    from beholder.ladders.rungs import plan_rungs
    from beholder.ladders.stream import open_clip
    from beholder.ladders.vmaf import find_ffmpeg
    from beholder.scoring import Scorer

    if vmaf:
        find_ffmpeg()
    clip = open_clip(source, limit_seconds=limit_seconds)
    plans = plan_rungs(
        codec.split(","), rungs or ["crf:18,23,28,33,38,43"], source_height_px=clip.height_px
    )
    scorer = Scorer(model)
    make_folder(out)
    how = Climb(clip=clip, scorer=scorer, out=out, keep=keep, vmaf=vmaf)
    with open_sink(output, stream=False) as sink:
        scored = list(track(climb(plans, how), total=len(plans), label="Encoding and scoring"))
        found = build_ladder(scored, source=source, notes=clip.notes, floor=floor)
        write_curve(found, out, title=_title(Path(source).name))
        write_text(sink, _render(found, output_format, out))


def _title(name: str) -> str:
    shown = name if len(name) <= _NAME_SIGNS else f"{name[:_NAME_SIGNS]}..."
    return f"Score of {shown} at falling rates (ring: knee)"


def _render(found: Ladder, output_format: Format, out: Path) -> str:
    if output_format is Format.json:
        return ladder_json(found)
    if output_format is Format.csv:
        return ladder_csv(found)
    return f"{ladder_table(found)}The curves are in: {out / CURVE}\n"
