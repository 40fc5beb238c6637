"""KoNViD-1k: 1,200 clips from Flickr, rated by a crowd.

Videos are named by their number at Flickr, in older copies with more behind it
(`8536919744_original_centercrop_960x540_8s.mp4`).
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem, first_file
from beholder.datasets.rows import Row
from beholder.datasets.tables import read_number, read_table

VIDEOS = "KoNViD_1k_videos"
MOS, ATTRIBUTES = "KoNViD_1k_mos.csv", "KoNViD_1k_attributes.csv"
FOLDER = "KoNViD_1k_metadata"

CARD = DatasetCard(
    name="konvid1k",
    title="KoNViD-1k",
    kind="video",
    summary="1,200 clips of 8 s at 960 x 540 px from YFCC100M, about 114 opinions each, "
    "crowdsourced.",
    num_items=1_200,
    mos_range=(1.0, 5.0),
    content="the video itself",
    split="none; by item, 80/20 repeated",
    licence="videos under Creative Commons (Flickr)",
    source="https://database.mmsp-kn.de/konvid-1k-database.html",
    layout="KoNViD_1k_videos/, KoNViD_1k_mos.csv or KoNViD_1k_attributes.csv beside it or in "
    "KoNViD_1k_metadata/",
    verified="scores and names against two public label files; columns from public loaders",
    citation="Hosu, Hahn, Jenadeleh, Lin, Men, Sziranyi, Li, Saupe: The Konstanz natural video "
    "database (KoNViD-1k). QoMEX 2017.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all clips, whether their files are there or not."""
    names = (MOS, f"{FOLDER}/{MOS}", ATTRIBUTES, f"{FOLDER}/{ATTRIBUTES}")
    table = first_file(root, names)
    opinion = "mos" if table.name == MOS else "MOS"
    files = {stem.split("_")[0]: path for stem, path in files_by_stem(root / VIDEOS).items()}
    rows = []
    for line in read_table(table, ["flickr_id", opinion]):
        # Some copies went through a program that turned the numbers into decimals.
        video = line["flickr_id"].removesuffix(".0")
        rows.append(
            Row(
                path=files.get(video, root / VIDEOS / f"{video}.mp4"),
                mos=CARD.unit(read_number(line[opinion], video, table)),
                content_id=video,
            )
        )
    return rows
