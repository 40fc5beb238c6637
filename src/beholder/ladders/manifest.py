"""The table of a ladder folder: one row per encoded clip with what was measured on it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from beholder.errors import DataError

MANIFEST_NAME = "manifest.csv"
SOURCE = "source"
"""The `codec` of the rung that holds the content as it was before encoding."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rung:
    """One version of one content."""

    content_id: str
    codec: str
    """A name of `encode.CODECS`, or `SOURCE`."""
    crf: int
    """Constant rate factor; 0 for the source."""
    bitrate_kbps: float
    path: str
    """The clip, relative to the folder of the manifest, with forward slashes."""
    vmaf_mean: float
    """Mean of `vmaf_frames`."""
    vmaf_frames: tuple[float, ...]
    """VMAF of each frame, 0..100; 100 by definition for the source."""
    width_px: int
    height_px: int
    fps: float
    num_frames: int


_COLUMNS = tuple(field.name for field in fields(Rung))


def read_manifest(folder: str | Path) -> list[Rung]:
    """Read the rungs of a ladder folder in the order in which they were made.

    Args:
        folder: Folder with the manifest, as `make_ladder` leaves it.

    Raises:
        DataError: There is no manifest, or it is not one of ours.
    """
    path = Path(folder, MANIFEST_NAME)
    if not path.is_file():
        raise DataError(
            f"expected a ladder manifest at {str(path)!r}, found none; "
            "make it with: python -m beholder.ladders SOURCES OUT"
        )
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != _COLUMNS:
            raise DataError(
                f"expected the columns {', '.join(_COLUMNS)} in {str(path)!r}, "
                f"found {reader.fieldnames}; make the ladder again"
            )
        return [_rung(row, line, path) for line, row in enumerate(reader, start=2)]


def append_rungs(folder: str | Path, rungs: Iterable[Rung]) -> None:
    """Add rungs to the manifest of a folder; an interruption leaves the old manifest whole.

    Args:
        folder: Folder of the manifest, which is begun when it is missing.
        rungs: Rows to add.
    """
    path = Path(folder, MANIFEST_NAME)
    known = read_manifest(folder) if path.exists() else []
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(_cells(rung) for rung in [*known, *rungs])
    part.replace(path)


def _cells(rung: Rung) -> list[object]:
    return [
        ";".join(f"{value:.3f}" for value in cell) if isinstance(cell, tuple) else cell
        for cell in astuple(rung)
    ]


def _rung(row: dict[str, str], line: int, path: Path) -> Rung:
    try:
        return Rung(
            content_id=row["content_id"],
            codec=row["codec"],
            crf=int(row["crf"]),
            bitrate_kbps=float(row["bitrate_kbps"]),
            path=row["path"],
            vmaf_mean=float(row["vmaf_mean"]),
            vmaf_frames=tuple(float(value) for value in row["vmaf_frames"].split(";")),
            width_px=int(row["width_px"]),
            height_px=int(row["height_px"]),
            fps=float(row["fps"]),
            num_frames=int(row["num_frames"]),
        )
    except (TypeError, ValueError) as error:
        raise DataError(
            f"expected numbers in line {line} of {str(path)!r}: {error}; make the ladder again"
        ) from error
