"""KonIQ-10k: 10,073 photographs from the web, with the opinions of a crowd.

Two tables are in circulation: `koniq10k_distributions_sets.csv` with the official parts, and the
older `koniq10k_scores_and_distributions.csv` without. Both count opinions of 1 to 5; the first
gives their mean as a z-score stretched to 0..100, the second has that as `MOS_zscore`.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import first_file, first_folder
from beholder.datasets.rows import Row, Split
from beholder.datasets.tables import read_number, read_optional, read_table
from beholder.errors import DataError

WITH_SETS = "koniq10k_distributions_sets.csv"
WITHOUT_SETS = "koniq10k_scores_and_distributions.csv"
PARTS: dict[str, Split] = {"training": "train", "validation": "val", "test": "test"}
GRADES = 4.0
"""From the worst to the best of the five grades, in which `SD` is counted."""

CARD = DatasetCard(
    name="koniq10k",
    title="KonIQ-10k",
    kind="image",
    summary="10,073 photographs of 1024 x 768 px from YFCC100M, about 120 opinions each, "
    "crowdsourced.",
    num_items=10_073,
    mos_range=(0.0, 100.0),
    content="the image itself",
    split="official: 7,058 train, 1,000 val, 2,015 test",
    licence="research; photographs under Creative Commons",
    source="https://database.mmsp-kn.de/koniq-10k-database.html",
    layout="1024x768/ (or 512x384/), koniq10k_distributions_sets.csv (with the official parts) or "
    "koniq10k_scores_and_distributions.csv",
    verified="the table with the parts: the distributed file; the other: public loaders",
    citation="Hosu, Lin, Sziranyi, Saupe: KonIQ-10k: an ecologically valid database for deep "
    "learning of blind image quality assessment. IEEE Transactions on Image Processing 29, 2020.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all images, whether their files are there or not."""
    table = first_file(root, [WITH_SETS, WITHOUT_SETS])
    has_sets = table.name == WITH_SETS
    opinion = "MOS" if has_sets else "MOS_zscore"
    folder = first_folder(root, ["1024x768", "512x384"])
    columns = ["image_name", opinion, *(["set"] if has_sets else [])]
    rows = []
    for line in read_table(table, columns, optional=["SD"]):
        name = line["image_name"]
        spread = read_optional(line, "SD", name, table)
        rows.append(
            Row(
                path=folder / name,
                mos=CARD.unit(read_number(line[opinion], name, table)),
                mos_std=None if spread is None else spread / GRADES,
                content_id=name,
                split=_part(line["set"], table) if has_sets else "",
            )
        )
    return rows


def _part(name: str, table: Path) -> Split:
    if name not in PARTS:
        raise DataError(f"expected one of {', '.join(PARTS)} in {table}, found {name!r}")
    return PARTS[name]
