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
    vmaf_mean: float | None
    """Mean of `vmaf_frames`; None where VMAF was not measured."""
    vmaf_frames: tuple[float, ...]
    """VMAF of each frame, 0..100; 100 by definition for the source; empty if not measured."""
    width_px: int
    height_px: int
    fps: float
    num_frames: int
    size_bytes: int


_COLUMNS = tuple(field.name for field in fields(Rung))
_FIRST_COLUMNS = _COLUMNS[:-1]
"""Of the first version, whose sizes are computed from the rates."""


def read_manifest(folder: str | Path, *, need_vmaf: bool = False) -> list[Rung]:
    """Read the rungs of a ladder folder, sorted by content.

    Manifests of the first version, without `size_bytes`, are read too.

    Args:
        folder: Folder with the manifest, as `make_ladder` leaves it.
        need_vmaf: Refuse rungs without VMAF.

    Raises:
        DataError: There is no manifest, it is not one of ours, or VMAF is missing.
    """
    path = Path(folder, MANIFEST_NAME)
    if not path.is_file():
        raise DataError(
            f"expected a ladder manifest at {str(path)!r}, found none; "
            "make it with: beholder ladder make SOURCES OUT"
        )
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) not in (_COLUMNS, _FIRST_COLUMNS):
            raise DataError(
                f"expected the columns {', '.join(_COLUMNS)} in {str(path)!r}, "
                f"found {reader.fieldnames}; make the ladder again"
            )
        rungs = [_rung(row, line, path) for line, row in enumerate(reader, start=2)]
    missing = [rung.path for rung in rungs if rung.vmaf_mean is None]
    if need_vmaf and missing:
        raise DataError(
            f"expected VMAF of all rungs in {str(path)!r}, found none for {len(missing)}, first "
            f"{missing[0]!r}; install beholder[vmaf] and make the ladder anew in another folder"
        )
    return rungs


def append_rungs(folder: str | Path, rungs: Iterable[Rung]) -> None:
    """Add rungs to the manifest of a folder; an interruption leaves the old manifest whole.

    Rows are sorted by content, so that the file does not depend on who was ready first.

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
        rows = sorted([*known, *rungs], key=lambda rung: rung.content_id)
        writer.writerows(_cells(rung) for rung in rows)
    part.replace(path)


def _cells(rung: Rung) -> list[object]:
    return [
        ";".join(f"{value:.3f}" for value in cell) if isinstance(cell, tuple) else cell
        for cell in astuple(rung)
    ]


def _rung(row: dict[str, str], line: int, path: Path) -> Rung:
    vmaf_frames = row["vmaf_frames"]
    try:
        num_frames, fps = int(row["num_frames"]), float(row["fps"])
        bitrate_kbps = float(row["bitrate_kbps"])
        # Rates are kept to the bit per second, which gives the size of a short clip exactly.
        size_bytes = row.get("size_bytes", round(bitrate_kbps * 125 * num_frames / fps))
        return Rung(
            content_id=row["content_id"],
            codec=row["codec"],
            crf=int(row["crf"]),
            bitrate_kbps=bitrate_kbps,
            path=row["path"],
            vmaf_mean=float(row["vmaf_mean"]) if vmaf_frames else None,
            vmaf_frames=tuple(map(float, vmaf_frames.split(";"))) if vmaf_frames else (),
            width_px=int(row["width_px"]),
            height_px=int(row["height_px"]),
            fps=fps,
            num_frames=num_frames,
            size_bytes=int(size_bytes),
        )
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise DataError(
            f"expected numbers in line {line} of {str(path)!r}: {error}; make the ladder again"
        ) from error
