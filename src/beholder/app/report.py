"""`beholder report`: one HTML page about many files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholder.app.inputs import expand
from beholder.app.look import decode_look
from beholder.app.progress import track
from beholder.app.sink import open_sink, write_text
from beholder.app.work import score_all
from beholder.cards import EMBEDDED
from beholder.errors import BeholderError, DataError
from beholder.records import Failure, Score

if TYPE_CHECKING:
    from beholder.reports.html_page import Shot

EXIT_SOME_FAILED = 1
_SHOT_WIDTH_PX = 400
"""Twice the width on the page, for dense screens."""


def report(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Files, folders, patterns in quotes, or - for a list on standard input.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", metavar="FILE", help="Where the page goes.")
    ] = Path("report.html"),
    title: Annotated[str, typer.Option("--title", help="Heading of the page.")] = "Quality report",
    details: Annotated[
        int,
        typer.Option("--details", metavar="N", min=0, help="Lowest scores with curve and frames."),
    ] = 50,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, help="Files scored at the same time.")
    ] = 1,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME-OR-FILE",
            help="A name from `beholder models`, an exported file, or a run on frozen models.",
        ),
    ] = EMBEDDED,
) -> None:
    """Write one HTML page about many files; needs beholder[report].

    A table to sort and filter, the spread of scores, named faults, and for the lowest scores
    the curve over time with the best and the worst frame. Encodes of one source (a ladder's
    manifest, or names such as a_x264_crf23.mp4) get a curve over bit rate. The page is one
    file that needs nothing from outside.

    \b
    Examples:
      beholder report clips/ --output report.html
      beholder report "delivery/**/*.mp4" --title "Delivery of May" --details 20
      beholder report rungs/ photos/ --jobs 2

    \b
    Exit codes: 0 all scored, 1 some input failed (the page says which), 2 wrong usage,
    130 stopped by Ctrl-C.
    """
    from beholder.reports.families import find_families
    from beholder.reports.html_page import Report, render_report
    from beholder.scoring import Scorer

    scorer = Scorer(model)
    inputs = list(expand(paths, stdin=sys.stdin.buffer))
    with open_sink(output, stream=False) as sink:
        scored = score_all(scorer, inputs, jobs=jobs, faults=True)
        results = list(track(scored, total=len(inputs), label="Scoring"))
        scores = [result for result in results if isinstance(result, Score)]
        lowest = sorted(scores, key=lambda score: (score.score, score.path))[:details]
        page = Report(
            title=title,
            model=scorer.model_id,
            results=results,
            details=[score.path for score in lowest],
            shots={score.path: _take_shots(score) for score in lowest},
            families=find_families(
                scores, size_bytes=_sizes(scores), known=_read_manifests(scores)
            ),
        )
        write_text(sink, render_report(page))
    typer.echo(f"{len(scores)} scored, {len(results) - len(scores)} failed; the page is: {output}")
    failed = any(isinstance(result, Failure) for result in results)
    raise typer.Exit(EXIT_SOME_FAILED if failed else 0)


def _take_shots(score: Score) -> list[Shot]:
    """Decode the worst and the best look of a video, or the picture itself."""
    from beholder.media import probe
    from beholder.media.jpeg import to_jpeg
    from beholder.reports.html_page import Shot
    from beholder.reports.table import show_time
    from beholder.sampling import resize

    ends = {"worst": min, "best": max} if len(score.timeline) > 1 else {"": min}
    points = {
        name: choose(score.timeline, key=lambda point: point.score) for name, choose in ends.items()
    }
    shots = []
    try:
        info = probe(score.path)
        for name, point in points.items():
            pixels = decode_look(info, point.time_seconds)
            height, width = pixels.shape[:2]
            small_width = min(width, _SHOT_WIDTH_PX)
            small_height = max(1, round(height * small_width / width))
            small = resize(pixels, height_px=small_height, width_px=small_width)
            jpeg = to_jpeg((small.transpose(1, 2, 0) + 0.5).clip(0, 255).astype("uint8"))
            caption = f"{name} {show_time(point.time_seconds)}: {point.score:.2f}" if name else ""
            shots.append(
                Shot(caption=caption, jpeg=jpeg, width_px=small_width, height_px=small_height)
            )
    except BeholderError:
        # The score stands; a file that went away since only loses its pictures.
        return []
    return shots


def _sizes(scores: Sequence[Score]) -> dict[str, int]:
    paths = (Path(score.path) for score in scores)
    return {
        score.path: path.stat().st_size
        for score, path in zip(scores, paths, strict=True)
        if path.is_file()
    }


def _read_manifests(scores: Sequence[Score]) -> dict[str, tuple[str, str]]:
    """Return content and codec of the files that a ladder's manifest beside them names."""
    from beholder.ladders.manifest import MANIFEST_NAME, SOURCE, read_manifest

    folders = {parent for score in scores for parent in Path(score.path).parents}
    known = {}
    for folder in sorted(folders):
        if not (folder / MANIFEST_NAME).is_file():
            continue
        try:
            rungs = read_manifest(folder)
        except DataError:
            # Somebody else's file of that name.
            continue
        for rung in rungs:
            if rung.codec != SOURCE:
                known[str(folder / rung.path)] = (rung.content_id, rung.codec)
    return known
