"""`beholder evaluate`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholder.app.datasets import MosRange
from beholder.app.judging import Group, Judged, Request, check, judge_request
from beholder.app.sink import open_sink, write_text
from beholder.cards import EMBEDDED

if TYPE_CHECKING:
    from beholder.app.entrants import Source

EXIT_SOME_FAILED = 1


class Format(StrEnum):
    """How figures are written."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"


def evaluate(
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...",
            help="Names from `beholder models`, or exported files. The embedded model if neither "
            "a model nor predictions are given.",
        ),
    ] = None,
    dataset: Annotated[
        str | None,
        typer.Option("--dataset", metavar="NAME", help="A name from `beholder datasets`."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="ROOT", help="The folder of the data set as distributed."),
    ] = None,
    split: Annotated[
        str,
        typer.Option(
            "--split",
            metavar="PART|SPLIT|FILE",
            help="An official part (train, test, ...), the test part of a fixed split of the "
            "literature (e.g. bvi_hd_internvqa), a split file (.json), or all.",
        ),
    ] = "all",
    predictions: Annotated[
        list[Path] | None,
        typer.Option(
            "--predictions",
            metavar="FILE.csv",
            help="Anyone's predictions, higher is better: path,predicted with --dataset, else "
            "path,mos,predicted[,mos_std][,num_votes][,content_id]. May be given again.",
        ),
    ] = None,
    by: Annotated[Group | None, typer.Option("--by", help="Figures of each group as well.")] = None,
    output_format: Annotated[
        Format, typer.Option("--format", help="How figures are written.")
    ] = Format.table,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write here, not to the terminal."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot", metavar="FILE.png", help="Draw predictions against opinions, with the fit."
        ),
    ] = None,
    save_predictions: Annotated[
        Path | None,
        typer.Option(
            "--save-predictions",
            metavar="FILE.csv",
            help="Write the predictions of the one model, as --predictions reads them.",
        ),
    ] = None,
    mos_range: MosRange = None,
    votes: Annotated[
        int | None,
        typer.Option(
            "--votes",
            metavar="N",
            min=2,
            help="People who rated each item, where the data do not say; with the spread of "
            "opinions this gives the outlier ratio and the analysis of pairs (Krasula).",
        ),
    ] = None,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave out items whose files are not there.")
    ] = False,
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            metavar="DIR",
            help="Where scores are kept; $BEHOLDER_CACHE or the platform's cache by default.",
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, help="Files scored at the same time.")
    ] = 1,
) -> None:
    """Judge models by how well they agree with people, ours or anyone's.

    \b
    Examples:
      beholder evaluate --dataset biq2021 --data BIQ2021 --split test
      beholder evaluate my-model.onnx embedded --dataset koniq10k --data koniq --split test
      beholder evaluate embedded --dataset biq2021 --data BIQ2021 --predictions niqe.csv
      beholder evaluate --predictions mine.csv --predictions theirs.csv --format markdown
      beholder evaluate --dataset ladder --data ladders --by codec --plot codecs.png

    \b
    Figures: SRCC, KRCC, PLCC and RMSE raw and after the VQEG fit, outlier ratio where the spread
    of opinions is known, SRCC within contents where they repeat, each with a 95 % interval.
    Scores are kept, so a second run takes seconds and a stopped one goes on where it stopped.
    Exit codes: 0 all items judged, 1 some item could not be scored, 2 wrong usage.
    """
    request = Request(
        models=tuple(models or ()) if models or predictions else (EMBEDDED,),
        files=tuple(predictions or ()),
        dataset=dataset,
        data=data,
        split=split,
        by=by,
        mos_range=mos_range,
        num_votes=votes,
        skip_missing=skip_missing,
        cache=cache,
        jobs=jobs,
    )
    check(request, saves=save_predictions is not None)
    with open_sink(output, stream=False) as sink:
        judged = judge_request(request)
        if save_predictions is not None:
            _save(judged, save_predictions)
        if plot is not None:
            _plot(judged, plot)
        write_text(sink, _render(judged, output_format))
    _report_failures(judged.sources)
    if any(source.failures for source in judged.sources):
        raise typer.Exit(EXIT_SOME_FAILED)


def _render(judged: Judged, output_format: Format) -> str:
    from beholder.reports import figures_table

    writers = {
        Format.table: figures_table.to_text,
        Format.json: figures_table.to_json,
        Format.csv: figures_table.to_csv,
        Format.markdown: figures_table.to_markdown,
    }
    return writers[output_format](judged.evaluation)


def _save(judged: Judged, path: Path) -> None:
    from beholder.scoring.prediction_files import write_predictions

    predicted = [judged.sources[0].predicted[item.path] for item in judged.items]
    with open_sink(path, stream=False) as sink:
        write_text(sink, write_predictions(judged.items, predicted))


def _plot(judged: Judged, path: Path) -> None:
    from beholder.reports.scatter import Cloud, draw_scatter

    mos = [item.mos for item in judged.items]
    clouds = [
        Cloud(
            name=source.name,
            predicted=[source.predicted[item.path] for item in judged.items],
            mos=mos,
        )
        for source in judged.sources
    ]
    title = f"{judged.evaluation.data}, split {judged.evaluation.split}: {len(mos)} items"
    with open_sink(path, stream=False) as sink:
        sink.write(draw_scatter(clouds, title=title))


def _report_failures(sources: Sequence[Source]) -> None:
    from beholder.reports.table import show_text

    for source in sources:
        for failure in source.failures:
            text = f"{failure.path}: {failure.message} [{failure.error}]"
            sys.stderr.write(f"beholder: not scored by {source.name}: {show_text(text)}\n")
