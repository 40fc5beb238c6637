"""Make ladders from a folder of pristine contents: `python -m beholder.ladders SOURCES OUT`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from beholder.errors import DataError, EncodeError, MediaError
from beholder.ladders.make import choose_crfs, make_ladder
from beholder.ladders.pack import write_pack
from beholder.ladders.sources import Source, find_sources, read_source

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the ladder of each content; one that fails is told and does not stop the others.

    Args:
        arguments: Command line without the program's name; None takes the process's own.

    Returns:
        Exit code: 0, or 1 when a content failed.
    """
    options = _parser().parse_args(arguments)
    failed = 0
    for source in find_sources(options.sources):
        try:
            _make(source, options)
        except (DataError, EncodeError, MediaError) as error:
            failed += 1
            logger.error("%s: %s", source.content_id, error)
    return 1 if failed else 0


def _make(source: Source, options: argparse.Namespace) -> None:
    frames, fps = read_source(source, num_frames=options.frames, fps=options.fps)
    rungs = make_ladder(
        frames,
        options.out,
        content_id=source.content_id,
        fps=fps,
        crfs=choose_crfs(source.content_id, num_rungs=options.rungs, seed=options.seed),
    )
    if options.pack is not None:
        write_pack(rungs, options.out, options.pack)
    vmaf = [rung.vmaf_mean for rung in rungs[1:]]
    logger.info("%s: %d clips, VMAF %.0f to %.0f", source.content_id, len(vmaf), *_range(vmaf))


def _range(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m beholder.ladders",
        description="Encode each content of SOURCES at several rates with x264, x265, VP9 and AV1, "
        "measure VMAF, and write clips and manifest.csv to OUT. A content is a video file, a "
        "folder of pictures, or a picture (it becomes a slow pan). Run again to go on.",
    )
    parser.add_argument("sources", type=Path, metavar="SOURCES")
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument(
        "--frames", type=int, default=14, help="most frames per content (%(default)s)"
    )
    parser.add_argument("--rungs", type=int, default=6, help="clips per codec (%(default)s)")
    parser.add_argument("--fps", type=float, default=25.0, help="rate of pictures (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="jitter of the rates (%(default)s)")
    parser.add_argument(
        "--pack", type=Path, metavar="DIR", help="also store two decoded frames per clip in DIR"
    )
    return parser


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    sys.exit(main())
