"""BVI-HD: 32 clips coded with HEVC, with and without synthesis of textures.

No label file of this data set is public, so the reader asks for a small one: a CSV file `dmos.csv`
with the columns `name` and `dmos` (and `std` if wished), copied from the spreadsheet that comes
with the videos. Names of videos are known from public code:
`Boxing_1920x1080_30fps_HEVC_QP27.yuv`.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem
from beholder.datasets.rows import Row
from beholder.datasets.tables import match_name, read_number, read_optional, read_table

TABLE = "dmos.csv"
NAME = r"([a-z0-9]+)_(\d+)x(\d+)_[\d.]+fps_([a-z0-9-]+(?:_[a-z]+)?)_QP(\d+)(?:\.\w+)?"

CARD = DatasetCard(
    name="bvi_hd",
    title="BVI-HD",
    kind="video",
    summary="384 clips of 5 s at 1920 x 1080 px: 32 contents by 6 quantisers, coded with HEVC with "
    "and without texture synthesis; degradation scores of 86 people.",
    num_items=384,
    # Viewers may like a coded clip better than its source: such degradations are below zero.
    mos_range=(100.0, -20.0),
    content="the clip before coding (32)",
    split="preset bvi_hd_internvqa: six contents for test",
    licence="research, after registration",
    source="https://fan-aaron-zhang.github.io/BVI-HD/",
    layout="dmos.csv (columns name, dmos, and std if known; copied from the spreadsheet) and the "
    "videos, at any depth; raw .yuv files have to be wrapped into a container to be scored",
    verified="not against files: names of videos from public code, the label file is our own",
    citation="Zhang, Moss, Baddeley, Bull: BVI-HD: a video quality database for HEVC compressed "
    "and texture synthesized content. IEEE Transactions on Multimedia 20(10), 2018.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all clips, whether their files are there or not."""
    table = root / TABLE
    files = files_by_stem(root)
    rows = []
    for line in read_table(table, ["name", "dmos"], optional=["std"]):
        name = line["name"]
        match = match_name(NAME, name, CARD.title)
        stem = name.removesuffix(".yuv").removesuffix(".mp4")
        rows.append(
            Row(
                path=files.get(stem.lower(), root / f"{stem}.mp4"),
                mos=CARD.unit(read_number(line["dmos"], name, table)),
                mos_std=CARD.unit_std(read_optional(line, "std", name, table)),
                content_id=match[1],
                codec=match[4].lower(),
                level=float(match[5]),
                width_px=int(match[2]),
                height_px=int(match[3]),
            )
        )
    return rows
