"""Any other data set: one CSV file that names media files and their mean opinions."""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.rows import Row, check_unique, name_some
from beholder.datasets.tables import read_number, read_table
from beholder.errors import DataError


def read(
    manifest: str | Path,
    *,
    root: str | Path | None = None,
    mos_range: tuple[float, float] = (0.0, 1.0),
) -> list[Row]:
    """Read a manifest with the columns `path`, `mos` and, where contents repeat, `content_id`.

    Args:
        manifest: CSV file, UTF-8.
        root: Folder that relative paths start from; the manifest's own by default.
        mos_range: Opinions of the worst and the best quality on the manifest's scale, e.g.
            (1, 5) for a five-grade scale, (100, 0) for DMOS where higher is worse.

    Returns:
        Rows in file order, opinions brought to 0..1. An item without `content_id` is a content of
        its own.

    Raises:
        DataError: The table cannot be read, a file is missing or listed twice, or an opinion lies
            outside the range.
    """
    manifest = Path(manifest)
    worst, best = mos_range
    if worst == best:
        raise DataError(f"expected a range with two different ends, found {mos_range}; e.g. (1, 5)")
    folder = manifest.parent if root is None else Path(root)
    rows = []
    for line in read_table(manifest, ["path", "mos"], optional=["content_id"]):
        given = line["path"]
        mos = (read_number(line["mos"], given, manifest) - worst) / (best - worst)
        content_id = line.get("content_id") or given
        rows.append(Row(path=folder / given, mos=mos, content_id=content_id))
    missing = [str(row.path) for row in rows if not row.path.is_file()]
    if missing:
        raise DataError(
            f"expected every file that {manifest} lists, found none at {name_some(missing)}; "
            "correct the paths or give their folder as root"
        )
    check_unique(rows)
    return rows
