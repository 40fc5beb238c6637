"""CVD2014: five scenes taken with 78 cameras, in six tests.

Realigned opinions are on one scale for all tests, which has no fixed ends; those given here
enclose all of them (-6.5 to 93.4).
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem, first_file
from beholder.datasets.rows import Row
from beholder.datasets.tables import match_name, read_number, read_table

TABLE = "Realignment_MOS.csv"

CARD = DatasetCard(
    name="cvd2014",
    title="CVD2014",
    kind="video",
    summary="234 videos of 10 to 25 s at 640 x 480 and 1280 x 720 px: 5 scenes taken with 78 "
    "cameras, rated by 210 people in 6 tests.",
    num_items=234,
    mos_range=(-7.0, 94.0),
    content="the scene (5); most of the literature splits by item instead",
    split="none; by item, 80/20 repeated, in most papers",
    licence="research",
    source="https://doi.org/10.5281/zenodo.2646315",
    layout="Test1/ to Test6/ with a folder for each scene, Realignment_MOS.csv beside them or in "
    "CVD2014_ratings/",
    verified="label file: a public copy; folders from public loaders",
    citation="Nuutinen, Virtanen, Vaahteranoksa, Vuori, Oittinen, Häkkinen: CVD2014: a database "
    "for evaluating no-reference video quality assessment algorithms. IEEE Transactions on Image "
    "Processing 25(7), 2016.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all videos, whether their files are there or not.

    `subset` is the test. The table was saved with semicolons and decimal commas, and ends in
    empty lines.
    """
    table = first_file(root, [TABLE, f"CVD2014_ratings/{TABLE}"])
    files = files_by_stem(root)
    rows = []
    for line in read_table(table, ["Content", "File_name", "Realignment MOS"], delimiter=";"):
        name = line["File_name"]
        match = match_name(r"Test0?(\d)_(.+)_D\d+", name, CARD.title)
        test = f"Test{match[1]}"
        opinion = line["Realignment MOS"].replace(",", ".")
        rows.append(
            Row(
                path=files.get(name.lower(), root / test / match[2] / f"{name}.avi"),
                mos=CARD.unit(read_number(opinion, name, table)),
                content_id=line["Content"].replace("_", " ").capitalize(),
                subset=test,
            )
        )
    return rows
