"""CSIQ: 30 photographs with six faults at four or five strengths."""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem
from beholder.datasets.rows import Row
from beholder.datasets.sheets import find_sheet, read_sheet
from beholder.datasets.tables import read_number, read_optional
from beholder.errors import DataError

IMAGES = "dst_imgs"
NAMES = {
    "noise": "AWGN",
    "jpeg": "JPEG",
    "jpeg 2000": "jpeg2000",
    "fnoise": "fnoise",
    "blur": "BLUR",
    "contrast": "contrast",
}
"""Distortion in the spreadsheet to the word in the names of the files."""

CARD = DatasetCard(
    name="csiq",
    title="CSIQ",
    kind="image",
    summary="866 images made from 30 photographs with noise, pink noise, JPEG, JPEG 2000, blur "
    "and loss of contrast, rated by 35 people.",
    num_items=866,
    mos_range=(1.0, 0.0),
    content="the photograph that the image was made from (30)",
    split="none; by content, 80/20 repeated",
    licence="none stated",
    source="https://s2.smu.edu/~eclarson/csiq.html",
    layout="dst_imgs/ with a folder for each distortion, csiq.DMOS.xlsx (or csiq.DMOS.csv, saved "
    "from its table 'all_by_image')",
    verified="scores and names against a public label file; spreadsheet from public loaders",
    citation="Larson, Chandler: Most apparent distortion: full-reference image quality assessment "
    "and the role of strategy. Journal of Electronic Imaging 19(1), 2010.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all rated images, whether their files are there or not."""
    table = find_sheet(root, "csiq.DMOS.xlsx")
    files = files_by_stem(root / IMAGES)
    rows = []
    columns = ["image", "dst_type", "dst_lev", "dmos"]
    for line in read_sheet(table, columns, optional=["dmos_std"], sheet="all_by_image"):
        # The spreadsheet holds the name of the image "1600" as a number.
        image, kind = line["image"].removesuffix(".0"), line["dst_type"]
        if kind not in NAMES:
            raise DataError(f"expected one of {', '.join(NAMES)} in {table}, found {kind!r}")
        level = read_number(line["dst_lev"], image, table)
        name = f"{image}.{NAMES[kind]}.{level:g}"
        path = root / IMAGES / NAMES[kind].lower() / f"{name}.png"
        rows.append(
            Row(
                path=files.get(name.lower(), path),
                mos=CARD.unit(read_number(line["dmos"], name, table)),
                mos_std=CARD.unit_std(read_optional(line, "dmos_std", name, table)),
                content_id=image,
                distortion=kind,
                level=level,
            )
        )
    return rows
