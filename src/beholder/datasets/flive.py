"""FLIVE (also LIVE-FB): 39,810 photographs from other data sets, rated by a crowd.

The official test part are the images of `labels640.csv`, the validation part those marked valid in
`labels=640_padded.csv`. Without the first of these files no part is told.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import first_file, first_folder
from beholder.datasets.rows import Row, Split
from beholder.datasets.tables import is_true, read_number, read_table

TEST, PADDED = "labels640.csv", "labels=640_padded.csv"

CARD = DatasetCard(
    name="flive",
    title="FLIVE (LIVE-FB, PaQ-2-PiQ)",
    kind="image",
    summary="39,810 photographs from AVA, VOC, EMOTIC and a set of blurred pictures, about 35 "
    "opinions each, crowdsourced.",
    num_items=39_810,
    mos_range=(0.0, 100.0),
    content="the image itself",
    split="official: about 30,250 train, 7,750 val, 1,810 test",
    licence="research, notice of UT Austin",
    source="https://github.com/niu-haoran/FLIVE_Database",
    layout="database/ with the folders of images; labels_image.csv, labels640.csv and "
    "labels=640_padded.csv in database/ or beside it",
    verified="not against files: names and columns from public loaders",
    citation="Ying, Niu, Gupta, Mahajan, Ghadiyaram, Bovik: From patches to pictures (PaQ-2-PiQ): "
    "mapping the perceptual space of picture quality. CVPR 2020.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all images (not of their patches), whether their files are there or not."""
    table = first_file(root, ["labels_image.csv", "database/labels_image.csv"])
    folder = first_folder(root, ["database", "."])
    parts = _parts(table.parent)
    return [
        Row(
            path=folder / line["name"],
            mos=CARD.unit(read_number(line["mos"], line["name"], table)),
            content_id=line["name"],
            subset=line["name"].split("/")[0],
            split=parts.get(line["name"], "train") if parts else "",
        )
        for line in read_table(table, ["name", "mos"])
    ]


def _parts(folder: Path) -> dict[str, Split]:
    parts: dict[str, Split] = {}
    if (folder / TEST).is_file():
        if (folder / PADDED).is_file():
            lines = read_table(folder / PADDED, ["name_image", "is_valid"])
            parts = {line["name_image"]: "val" for line in lines if is_true(line["is_valid"])}
        parts |= {line["name_image"]: "test" for line in read_table(folder / TEST, ["name_image"])}
    return parts
