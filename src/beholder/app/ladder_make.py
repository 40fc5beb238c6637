"""`beholder ladder make`: ladders of many contents, for training and for benchmarks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholder.app.progress import track
from beholder.errors import MissingExtra

if TYPE_CHECKING:
    from beholder.ladders.make_all import Made

EXIT_SOME_FAILED = 1


def make(
    sources: Annotated[
        Path, typer.Argument(metavar="SOURCES", help="Folder of pristine contents.")
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of clips and manifest.csv.")],
    frames: Annotated[
        int, typer.Option("--frames", metavar="N", min=1, help="Most frames per content.")
    ] = 14,
    rungs: Annotated[int, typer.Option("--rungs", metavar="N", min=2, help="Clips per codec.")] = 6,
    fps: Annotated[
        float, typer.Option("--fps", min=0.1, help="Rate of picture sequences and pans.")
    ] = 25.0,
    full_size: Annotated[
        bool,
        typer.Option("--full-size", help="Do not halve videos; pan pictures at up to 1920x1080."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Jitter of the rates.")] = 0,
    pack: Annotated[
        Path | None,
        typer.Option("--pack", metavar="DIR", help="Also store two decoded frames per clip here."),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", metavar="N", min=1, help="Contents in work at the same time.")
    ] = 1,
) -> None:
    """Make a training set of ladders from a folder of pristine contents.

    Each content is encoded with x264, x265, VP9 and AV1 at several rates; manifest.csv says of
    each clip what it shows, its codec, rate, size, frames, and VMAF where beholder[vmaf] is
    installed. A content is a video file, a folder of pictures (in the order of their names), or
    a picture (it becomes a slow pan). Run again to go on; the same
    input gives the same bytes.

    \b
    Examples:
      beholder ladder make sources ladders --jobs 2
      beholder ladder make sources ladders --frames 32 --rungs 8 --seed 1
      beholder ladder make sources clips --pack data/ladders
      beholder ladder make large_sources clips_hd --full-size --frames 8

    \b
    Exit codes: 0 all made, 1 some content failed, 2 wrong usage, 130 stopped by Ctrl-C.
    """
    from beholder.ladders.make_all import LadderSettings, make_ladders
    from beholder.ladders.sources import find_sources

    settings = LadderSettings(
        num_frames=frames,
        num_rungs=rungs,
        fps=fps,
        full_size=full_size,
        seed=seed,
        with_vmaf=_has_vmaf(needed=pack is not None),
        pack_dir=pack,
    )
    found = find_sources(sources)
    made = make_ladders(found, out, settings=settings, jobs=jobs)
    failed = 0
    for result in track(made, total=len(found), label="Making ladders"):
        failed += result.error is not None
        sys.stderr.write(_line(result))
    raise typer.Exit(EXIT_SOME_FAILED if failed else 0)


def _has_vmaf(*, needed: bool) -> bool:
    from beholder.ladders.vmaf import find_ffmpeg

    try:
        find_ffmpeg()
    except MissingExtra as error:
        if needed:
            raise
        sys.stderr.write(f"VMAF stays empty: {error}\n")
        return False
    return True


def _line(made: Made) -> str:
    if made.error is not None:
        return f"{made.content_id}: {made.error} [{made.error.code}]\n"
    clips = made.rungs[1:]
    vmaf = [rung.vmaf_mean for rung in clips if rung.vmaf_mean is not None]
    seen = f", VMAF {max(vmaf):.0f} to {min(vmaf):.0f}" if vmaf else ""
    return f"{made.content_id}: {len(clips)} clips{seen}\n"
