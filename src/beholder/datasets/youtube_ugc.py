"""YouTube-UGC: clips of 20 s that people uploaded to YouTube, in fifteen categories.

The videos come raw, in folders by category and size, or as H.264 files whose names have more
behind the number of the clip (`Animation_360P-08c9_crf_10_ss_00_t_20.0.mp4`). Either is found.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem
from beholder.datasets.rows import Row
from beholder.datasets.sheets import find_sheet, read_sheet
from beholder.datasets.tables import read_number, read_optional

TABLE = "original_videos_MOS_for_YouTube_UGC_dataset.xlsx"

CARD = DatasetCard(
    name="youtube_ugc",
    title="YouTube-UGC",
    kind="video",
    summary="About 1,150 of 1,500 clips of 20 s, 360p to 2160p, in 15 categories, more than 100 "
    "opinions each, crowdsourced. Clips come and go; the literature has 1,131 to 1,380.",
    num_items=None,
    mos_range=(1.0, 5.0),
    content="the video itself",
    split="none; by item, 80/20 repeated",
    licence="CC BY",
    source="https://media.withyoutube.com/",
    layout="original_videos_MOS_for_YouTube_UGC_dataset.xlsx (table 'MOS', or a .csv saved from "
    "it) and the videos, at any depth",
    verified="scores and names against a public label file; spreadsheet from public loaders",
    citation="Wang, Inguva, Adsumilli: YouTube UGC dataset for video compression research. "
    "MMSP 2019.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all rated clips, whether their files are there or not.

    `subset` is the category. The opinion is that of the whole clip, not of its parts.
    """
    table = find_sheet(root, TABLE)
    files = {stem.split("_crf_")[0]: path for stem, path in files_by_stem(root).items()}
    rows = []
    for line in read_sheet(
        table, ["vid", "category", "MOS full"], optional=["stdFull"], sheet="MOS"
    ):
        video = line["vid"]
        rows.append(
            Row(
                path=files.get(video.lower(), root / f"{video}.mp4"),
                mos=CARD.unit(read_number(line["MOS full"], video, table)),
                mos_std=CARD.unit_std(read_optional(line, "stdFull", video, table)),
                content_id=video,
                subset=line["category"],
            )
        )
    return rows
