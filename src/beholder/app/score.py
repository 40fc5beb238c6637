"""`beholder score`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from beholder.app.damage import check_count, write_heat_map
from beholder.app.inputs import expand
from beholder.app.progress import track
from beholder.app.sink import open_sink, write_text
from beholder.app.work import score_all
from beholder.cards import EMBEDDED
from beholder.errors import UsageError
from beholder.records import Failure, Score
from beholder.reports.results import to_csv, to_json, to_json_line
from beholder.reports.table import score_table

EXIT_SOME_FAILED = 1
EXIT_UNDER_THE_BAR = 3


class Format(StrEnum):
    """How results are written."""

    table = "table"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


def score(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Files, folders, patterns in quotes, or - for a list on standard input.",
        ),
    ],
    output_format: Annotated[
        Format, typer.Option("--format", help="How results are written.")
    ] = Format.table,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write here, not to the terminal."),
    ] = None,
    timeline: Annotated[
        bool, typer.Option("--timeline", help="Add the score of each frame (json, jsonl).")
    ] = False,
    faults: Annotated[
        bool,
        typer.Option("--faults", help="Name what is wrong: blur, noise... (all but csv)."),
    ] = False,
    heat_map: Annotated[
        Path | None,
        typer.Option(
            "--heat-map", metavar="FILE.png", help="Paint where the damage is; one file only."
        ),
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME-OR-FILE",
            help="A name from `beholder models`, an exported file, or a run on frozen models.",
        ),
    ] = EMBEDDED,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, help="Files scored at the same time.")
    ] = 1,
    fail_under: Annotated[
        float | None,
        typer.Option(
            "--fail-under", metavar="X", min=0, max=100, help="Exit with 3 if a score is lower."
        ),
    ] = None,
) -> None:
    """Score images and videos from 0 (bad) to 100 (excellent).

    \b
    Examples:
      beholder score clip.mp4
      beholder score photos/ "clips/**/*.mkv" --format csv --output scores.csv
      beholder score clip.mp4 --format json --timeline
      beholder score clip.mp4 --faults --heat-map damage.png
      find . -name "*.mp4" -print0 | beholder score - --format jsonl --jobs 2
      beholder score release.mp4 --fail-under 60
      beholder score -- -name-with-a-dash.png

    \b
    Words: bad < 20 <= poor < 40 <= fair < 60 <= good < 80 <= excellent.
    Exit codes: 0 all scored, 1 some input failed, 2 wrong usage,
    3 a score fell under --fail-under, 130 stopped by Ctrl-C.
    """
    _check_options(output_format, timeline=timeline, faults=faults)
    # What scores loads here, so that `--help` stays quick.
    from beholder.scoring import Scorer

    scorer = Scorer(model)
    inputs = list(expand(paths, stdin=sys.stdin.buffer))
    lines = output_format is Format.jsonl
    check_count(inputs, heat_map)
    with open_sink(output, stream=lines) as sink:
        results: list[Score | Failure] = []
        bar = not (lines and output is None and sys.stdout.isatty())
        scored = score_all(scorer, inputs, jobs=jobs, faults=faults)
        for result in track(scored, total=len(inputs), label="Scoring", show=bar):
            results.append(result)
            if lines:
                write_text(sink, to_json_line(result, timeline=timeline))
        if not lines:
            write_text(sink, _render(results, output_format, scorer.model_id, timeline))
    write_heat_map(scorer, results, heat_map)
    raise typer.Exit(_exit_code(results, fail_under))


def _check_options(output_format: Format, *, timeline: bool, faults: bool) -> None:
    if timeline and output_format not in (Format.json, Format.jsonl):
        raise UsageError(
            f"expected --timeline with --format json or jsonl, found {output_format.value}; "
            "choose one of these"
        )
    if faults and output_format is Format.csv:
        raise UsageError(
            "expected --faults with --format table, json or jsonl, found csv; choose one of these"
        )


def _render(
    results: list[Score | Failure], output_format: Format, model: str, timeline: bool
) -> str:
    if output_format is Format.json:
        return to_json(results, model=model, timeline=timeline)
    return to_csv(results) if output_format is Format.csv else score_table(results)


def _exit_code(results: Iterable[Score | Failure], fail_under: float | None) -> int:
    codes = set(_codes(results, fail_under))
    return min(codes, default=0)


def _codes(results: Iterable[Score | Failure], fail_under: float | None) -> Iterator[int]:
    for result in results:
        if isinstance(result, Failure):
            yield EXIT_SOME_FAILED
        elif fail_under is not None and result.score < fail_under:
            yield EXIT_UNDER_THE_BAR
