"""SPAQ: photographs from 66 phones."""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row
from beholder.datasets.sheets import find_sheet, read_sheet
from beholder.datasets.tables import read_number

TABLE = "Annotations/MOS and Image attribute scores.xlsx"

CARD = DatasetCard(
    name="spaq",
    title="SPAQ",
    kind="image",
    summary="11,125 photographs taken with 66 smartphones, at least 15 opinions each, in the "
    "laboratory.",
    num_items=11_125,
    mos_range=(0.0, 100.0),
    content="the image itself",
    split="none; by item, 80/20 repeated",
    licence="research",
    source="https://github.com/h4nwei/SPAQ",
    layout="TestImage/, Annotations/MOS and Image attribute scores.xlsx (or .csv, saved from it)",
    verified="scores and names against a public label file; spreadsheet from public loaders",
    citation="Fang, Zhu, Zeng, Ma, Wang: Perceptual quality assessment of smartphone photography. "
    "CVPR 2020.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all images, whether their files are there or not."""
    table = find_sheet(root, TABLE)
    return [
        Row(
            path=root / "TestImage" / line["Image name"],
            mos=CARD.unit(read_number(line["MOS"], line["Image name"], table)),
            content_id=line["Image name"],
        )
        for line in read_sheet(table, ["Image name", "MOS"])
    ]
