"""KADID-10k: 81 pictures with 25 faults at five strengths.

Two columns of `dmos.csv` are not what their names say: `dmos` rises with quality, and `var` is a
standard deviation (thirty opinions with a mean of 4.57 spread by 0.496 at least; the file says
0.496).
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row
from beholder.datasets.tables import match_name, read_number, read_optional, read_table

TABLE = "dmos.csv"

CARD = DatasetCard(
    name="kadid10k",
    title="KADID-10k",
    kind="image",
    summary="10,125 images made from 81 pictures with 25 distortions at 5 levels, 30 opinions "
    "each, crowdsourced.",
    num_items=10_125,
    mos_range=(1.0, 5.0),
    content="the picture that the image was made from (81)",
    split="none; by content, 80/20 repeated",
    licence="research; pictures from Pixabay",
    source="https://database.mmsp-kn.de/kadid-10k-database.html",
    layout="images/, dmos.csv",
    verified="scores and names against a public label file; header from public loaders",
    citation="Lin, Hosu, Saupe: KADID-10k: a large-scale artificially distorted IQA database. "
    "QoMEX 2019.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all rated images, whether their files are there or not."""
    table = root / TABLE
    rows = []
    for line in read_table(table, ["dist_img", "ref_img", "dmos"], optional=["var"]):
        name = line["dist_img"]
        match = match_name(r"i\d+_(\d+)_(\d+)\.png", name, CARD.title)
        rows.append(
            Row(
                path=root / "images" / name,
                mos=CARD.unit(read_number(line["dmos"], name, table)),
                mos_std=CARD.unit_std(read_optional(line, "var", name, table)),
                content_id=line["ref_img"],
                distortion=match[1],
                level=float(match[2]),
            )
        )
    return rows
