"""Compression ladders made by `beholder ladder make`: labelled by VMAF, not by people.

The source of each content is left out: its VMAF is 100 by definition, nothing was measured.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row
from beholder.datasets.tables import read_number, read_optional, read_table, read_whole

MANIFEST = "manifest.csv"
SOURCE = "source"
"""What the manifest has as codec of a content before encoding."""

CARD = DatasetCard(
    name="ladder",
    title="Compression ladders of your own",
    kind="video",
    summary="Clips that Beholder encoded at several rates. The label is the mean VMAF over 100, "
    "computed against the source: no person rated them.",
    num_items=None,
    mos_range=(0.0, 100.0),
    content="the clip before coding",
    split="none; by content",
    licence="that of the sources",
    source="beholder ladder make SOURCES OUT",
    layout="manifest.csv and the clips, as beholder ladder make leaves them",
    verified="written by Beholder itself",
    citation="VMAF: https://github.com/Netflix/vmaf",
)
_REQUIRED = ["content_id", "codec", "bitrate_kbps", "path", "vmaf_mean"]
_OPTIONAL = ["crf", "width_px", "height_px"]


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all encoded clips, whether their files are there or not."""
    table = root / MANIFEST
    rows = []
    for line in read_table(table, _REQUIRED, optional=_OPTIONAL):
        if line["codec"] == SOURCE:
            continue
        name = line["path"]
        rows.append(
            Row(
                path=root / name,
                mos=CARD.unit(read_number(line["vmaf_mean"], name, table)),
                content_id=line["content_id"],
                distortion="compression",
                codec=line["codec"],
                level=read_optional(line, "crf", name, table),
                bitrate_kbps=read_optional(line, "bitrate_kbps", name, table),
                width_px=read_whole(line, "width_px", name, table),
                height_px=read_whole(line, "height_px", name, table),
            )
        )
    return rows
