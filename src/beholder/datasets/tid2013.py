"""TID2013: 25 pictures with 24 faults at five strengths.

`mos_std.txt` beside the opinions holds the error of each mean (about 0.1 of 9), not the spread of
single opinions, so rows have no spread.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem
from beholder.datasets.rows import Row
from beholder.datasets.tables import match_name, read_lines, read_number
from beholder.errors import DataError

TABLE = "mos_with_names.txt"
IMAGES = "distorted_images"

CARD = DatasetCard(
    name="tid2013",
    title="TID2013",
    kind="image",
    summary="3,000 images made from 25 pictures with 24 distortions at 5 levels, compared in pairs "
    "by 971 people.",
    num_items=3_000,
    mos_range=(0.0, 9.0),
    content="the picture that the image was made from (25)",
    split="none; by content, 80/20 repeated",
    licence="research",
    source="https://www.ponomarenko.info/tid2013.htm",
    layout="distorted_images/, mos_with_names.txt",
    verified="scores and names against a public label file; text file from public loaders",
    citation="Ponomarenko et al.: Image database TID2013: peculiarities, results and perspectives. "
    "Signal Processing: Image Communication 30, 2015.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all rated images, whether their files are there or not.

    The file has no header: each line is an opinion, a blank and a name. Letter case of the names
    differs between copies of the data set.
    """
    table = root / TABLE
    files = files_by_stem(root / IMAGES)
    rows = []
    for line in read_lines(table, delimiter=" "):
        cells = [cell for cell in line if cell]
        if len(cells) != 2:
            raise DataError(
                f"expected an opinion and a name in every line of {table}, found {line}"
            )
        opinion, name = cells
        match = match_name(r"(i\d+)_(\d+)_(\d+)\.bmp", name, CARD.title)
        rows.append(
            Row(
                path=files.get(Path(name).stem.lower(), root / IMAGES / name),
                mos=CARD.unit(read_number(opinion, name, table)),
                content_id=match[1].upper(),
                distortion=match[2],
                level=float(match[3]),
            )
        )
    return rows
