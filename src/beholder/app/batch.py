"""`beholder batch`."""

from __future__ import annotations

import glob
import os
import sys
from importlib.util import find_spec
from typing import Annotated

import typer

from beholder.app.inputs import STDIN, expand
from beholder.app.progress import stages
from beholder.app.sink import write_text
from beholder.cards import EMBEDDED
from beholder.errors import MissingExtra, NoMedia, UsageError
from beholder.records import Failure

EXIT_SOME_FAILED = 1
_MB = 2**20


def batch(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="Folder, pattern in quotes, Parquet or CSV file with a column of paths, list "
            "(.txt, one a line), or - for standard input; a path or a URL.",
        ),
    ],
    output: Annotated[
        str,
        typer.Argument(metavar="OUTPUT", help="Folder for Parquet parts; a path or a URL."),
    ],
    column: Annotated[
        str | None,
        typer.Option(
            "--column", metavar="NAME", help="Column of paths; `path`, or the only one there is."
        ),
    ] = None,
    root: Annotated[
        str,
        typer.Option(
            "--root", metavar="DIR-or-URL", help="Where relative paths in a list are meant from."
        ),
    ] = ".",
    model: Annotated[
        str,
        typer.Option(
            "--model",
            metavar="NAME-or-FILE",
            help="As for `beholder score`; at the same place on every machine.",
        ),
    ] = EMBEDDED,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar="HOST:PORT",
            envvar="RAY_ADDRESS",
            help="A Ray cluster, or auto; otherwise Ray is started here and ended.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", min=1, help="Files scored at once; one a core."),
    ] = None,
    retry_errors: Annotated[
        bool, typer.Option("--retry-errors", help="Try again what ended as an error before.")
    ] = False,
    max_seconds: Annotated[
        float, typer.Option("--max-seconds", min=1, help="Longest time for one file.")
    ] = 600.0,
    max_memory_mb: Annotated[
        int, typer.Option("--max-memory-mb", min=64, help="Memory of one file, beside the model.")
    ] = 2048,
) -> None:
    """Score very many files on Ray, one row each; needs the extra `batch`.

    \b
    Examples:
      beholder batch clips/ scores/
      beholder batch list.parquet scores/ --column video --root s3://bucket/videos
      beholder batch s3://bucket/videos s3://bucket/scores --address auto

    \b
    Stopped or killed? The same command goes on where it was: each input gets one row.
    Exit codes: 0 all scored, 1 OUTPUT holds errors, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    if os.name != "posix":
        raise UsageError(
            f"expected Linux or another POSIX system, found {os.name!r}; use a container"
        )
    for package in ("ray", "pyarrow", "fsspec"):
        if find_spec(package) is None:
            raise MissingExtra(package, "batch")

    from beholder.batch.run import run
    from beholder.batch.settings import Settings
    from beholder.batch.summary import summary_text

    settings = Settings(
        model=model,
        address=address,
        workers=workers,
        file_seconds=max_seconds,
        memory_bytes=max_memory_mb * _MB,
        retry_errors=retry_errors,
    )
    inputs = _gather(source, column=column, root=root)
    with stages() as tell:
        summary = run(
            inputs,
            output,
            settings=settings,
            on_progress=lambda done, total: tell("Scoring", done, total),
        )
    write_text(sys.stdout.buffer, summary_text(summary, output))
    raise typer.Exit(EXIT_SOME_FAILED if summary.errors else 0)


def _gather(source: str, *, column: str | None, root: str) -> list[str | Failure]:
    """List the files that INPUT stands for, by their full names."""
    from beholder.batch.listing import find_files, is_list, read_names
    from beholder.batch.places import full_name, is_url

    if is_list(source):
        return [full_name(name, root=root) for name in read_names(source, column=column)]
    if column is not None or root != ".":
        raise UsageError(
            f"expected --column and --root with a Parquet, CSV or .txt file, found {source!r}; "
            "leave them out"
        )
    source = source if source == STDIN else full_name(source, root=root)
    if is_url(source):
        return list(find_files(source))
    if source != STDIN and not (os.path.lexists(source) or glob.has_magic(source)):
        raise UsageError(f"expected files at {source!r}, found nothing there; check the name")
    found = list(expand([source], stdin=sys.stdin.buffer))
    for each in found:
        # Nothing at all is a mistake on the command line, and no row to keep.
        if isinstance(each, Failure) and each.error == NoMedia.code:
            raise UsageError(each.message)
    return [each if isinstance(each, Failure) else full_name(each, root=root) for each in found]
