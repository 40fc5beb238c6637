"""`beholder pool extract`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from beholder.app.datasets import MosRange
from beholder.app.progress import stages

EXIT_SOME_FAILED = 1


class Dtype(StrEnum):
    """How features are stored."""

    float16 = "float16"
    float32 = "float32"


def extract(
    models: Annotated[
        list[str],
        typer.Option(
            "--pool", metavar="FILE|NAME", help="A pool file, or a model; repeatable (see below)."
        ),
    ],
    dataset: Annotated[
        str, typer.Option("--dataset", metavar="NAME", help="From `beholder datasets`.")
    ],
    data: Annotated[Path, typer.Option("--data", metavar="ROOT", help="Folder of the data set.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the features.")],
    weights: Annotated[
        list[str] | None,
        typer.Option("--weights", metavar="NAME=FILE", help="Local weights; repeatable."),
    ] = None,
    dtype: Annotated[
        Dtype, typer.Option("--dtype", help="How features are stored.")
    ] = Dtype.float16,
    batch: Annotated[
        int, typer.Option("--batch", metavar="N", min=1, help="Most frames in a network at once.")
    ] = 16,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, help="Files decoded at the same time.")
    ] = 1,
    frames: Annotated[
        int,
        typer.Option("--frames", metavar="N", min=1, help="Frames of a video, for frame models."),
    ] = 16,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="First N items only.")
    ] = None,
    mos_range: MosRange = None,
    skip_missing: Annotated[
        bool, typer.Option("--skip-missing", help="Leave out items whose files are not there.")
    ] = False,
) -> None:
    """Make the features of a data set under frozen models, once.

    Stopped half-way, the same command goes on; files and models that changed are done again.

    \b
    Examples:
      beholder pool extract --dataset biq2021 --data BIQ2021 --pool pool/index.json --out features
      beholder pool extract --dataset konvid_1k --data KoNViD --out features \\
        --pool timm:convnext_tiny.fb_in22k --pool torchvision_video:r3d_18

    \b
    Models: timm:NAME  torchvision:NAME  torchvision_video:NAME  open_clip:ARCH/TAG
    transformers:ID-OR-FOLDER  onnx:FILE  beholder:embedded  beholder:RUN  or a JSON pool file.
    Exit codes: 0 all files have features, 1 some do not, 2 wrong usage.
    """
    from beholder.datasets.registry import read_dataset
    from beholder.pool.extract import ExtractSettings, Items
    from beholder.pool.extract import extract as make_features
    from beholder.pool.load import load_model
    from beholder.pool.names import read_entries

    entries = read_entries(models, weights=weights or [])
    rows = read_dataset(dataset, data, skip_missing=skip_missing, mos_range=mos_range)[:limit]
    settings = ExtractSettings(dtype=dtype.value, batch=batch, jobs=jobs, num_frames=frames)
    loaded = [load_model(entry) for entry in entries]
    # The data of a CSV file lie beside it, as it names them.
    root = data if data.is_dir() else data.parent
    items = Items(dataset=dataset, root=root, rows=rows)
    with stages() as tell:
        failures = make_features(items, loaded, out=out, settings=settings, progress=tell)
    for failure in failures:
        typer.echo(f"{failure.path}: {failure.message} [{failure.error}]", err=True)
    typer.echo(f"{len(rows) - len(failures)} of {len(rows)} items, {len(loaded)} models: {out}")
    if failures:
        raise typer.Exit(EXIT_SOME_FAILED)
