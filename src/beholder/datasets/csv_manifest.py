"""Any other data set: one CSV file that names media files and their mean opinions."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import cast, get_args

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row, Split, check_present, check_unique
from beholder.datasets.tables import read_number, read_optional, read_table, read_whole
from beholder.errors import DataError

MANIFEST = "manifest.csv"
TEXTS = ["content_id", "subset", "split", "distortion", "codec"]
NUMBERS = ["mos_std", "level", "bitrate_kbps", "width_px", "height_px"]

CARD = DatasetCard(
    name="csv",
    title="A CSV manifest of your own",
    kind="any",
    summary="Any images or videos with opinions: one line each, with the columns path and mos, and "
    f"where known {', '.join(TEXTS)}, {', '.join(NUMBERS)}.",
    num_items=None,
    mos_range=(0.0, 1.0),
    content="what the column content_id says; without it, the item itself",
    split="what the column split says",
    licence="yours",
    source="your own file",
    layout="the CSV file (or a folder with manifest.csv); relative paths start beside it",
    verified="the format is ours",
    citation="none",
)


def read(
    manifest: str | Path,
    *,
    root: str | Path | None = None,
    mos_range: tuple[float, float] = (0.0, 1.0),
) -> list[Row]:
    """Read a manifest, all of whose files must be there.

    Args:
        manifest: CSV file, UTF-8, or a folder with `manifest.csv`.
        root: Folder that relative paths start from; the manifest's own by default.
        mos_range: Opinions of the worst and the best quality on the manifest's scale, e.g.
            (1, 5) for a five-grade scale, (100, 0) for DMOS where higher is worse.

    Returns:
        Rows in file order, opinions and their spread brought to 0..1. An item without
        `content_id` is a content of its own.

    Raises:
        DataError: The table cannot be read, a file is missing or listed twice, an opinion lies
            outside the range, or a part has an unknown name.
    """
    rows = read_labels(manifest, root=root, mos_range=mos_range)
    folder = Path(root) if root is not None else _table(manifest).parent
    check_present(rows, folder, advice="correct the paths or give their folder as root")
    check_unique(rows)
    return rows


def read_labels(
    manifest: str | Path,
    *,
    root: str | Path | None = None,
    mos_range: tuple[float, float] = (0.0, 1.0),
) -> list[Row]:
    """Read the rows of a manifest as `read` does, whether their files are there or not."""
    table = _table(manifest)
    worst, best = mos_range
    if worst == best:
        raise DataError(f"expected a range with two different ends, found {mos_range}; e.g. (1, 5)")
    card = dataclasses.replace(CARD, mos_range=mos_range)
    folder = table.parent if root is None else Path(root)
    lines = read_table(table, ["path", "mos"], optional=[*TEXTS, *NUMBERS])
    return [_row(line, table, card=card, folder=folder) for line in lines]


def _table(manifest: str | Path) -> Path:
    path = Path(manifest)
    return path / MANIFEST if path.is_dir() else path


def _row(line: dict[str, str], table: Path, *, card: DatasetCard, folder: Path) -> Row:
    name, split = line["path"], line.get("split", "")
    if split not in get_args(Split):
        known = ", ".join(filter(None, get_args(Split)))
        raise DataError(f"expected {known} or nothing as split of {name!r}, found {split!r}")
    return Row(
        path=folder / name,
        mos=card.unit(read_number(line["mos"], name, table)),
        mos_std=card.unit_std(read_optional(line, "mos_std", name, table)),
        content_id=line.get("content_id") or name,
        subset=line.get("subset", ""),
        split=cast(Split, split),
        distortion=line.get("distortion", ""),
        level=read_optional(line, "level", name, table),
        codec=line.get("codec", ""),
        bitrate_kbps=read_optional(line, "bitrate_kbps", name, table),
        width_px=read_whole(line, "width_px", name, table),
        height_px=read_whole(line, "height_px", name, table),
    )
