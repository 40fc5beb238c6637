"""KVQ: short videos as uploaded to a platform, each with six processed versions.

Neither the labels nor the names say which versions belong together. Seven files in a row do: of
the 600 runs of seven, 598 have one picture size throughout.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row, Split
from beholder.datasets.tables import match_name, read_number, read_table
from beholder.errors import DataError

PARTS: tuple[Split, ...] = ("train", "val", "test")
VERSIONS = 7
"""Files of one content: the upload and six processed versions."""

CARD = DatasetCard(
    name="kvq",
    title="KVQ",
    kind="video",
    summary="4,200 short videos: 600 uploads and 6 versions of each, enhanced and transcoded, "
    "rated by 15 professionals.",
    num_items=4_200,
    mos_range=(1.0, 5.0),
    content="the uploaded video (600), taken to be seven files in a row",
    split="of the NTIRE 2024 challenge: 2,926 train, 420 val, 854 test",
    licence="research",
    source="https://lixinustc.github.io/projects/KVQ/",
    layout="train_video/, val_video/, test_video/; train_data.csv, val_data.csv, test_data.csv "
    "(columns filename, score), as many as you have",
    verified="scores, names and folders against a public label file; tables from public loaders",
    citation="Lu et al.: KVQ: kaleidoscope video quality assessment for short-form videos. "
    "CVPR 2024.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of the parts whose label file is there, videos being there or not."""
    rows = [row for part in PARTS for row in _part(root, part)]
    if not rows:
        raise DataError(f"expected train_data.csv in {root}, found none; see {CARD.source}")
    return rows


def _part(root: Path, part: Split) -> list[Row]:
    table = root / f"{part}_data.csv"
    return [
        _row(root, line, table, part)
        for line in (read_table(table, ["filename", "score"]) if table.is_file() else [])
    ]


def _row(root: Path, line: dict[str, str], table: Path, part: Split) -> Row:
    name = Path(line["filename"]).name
    number = int(match_name(r"(\d+)\.\w+", name, CARD.title)[1])
    return Row(
        path=root / f"{part}_video" / name,
        mos=CARD.unit(read_number(line["score"], name, table)),
        content_id=f"{part}-{(number - 1) // VERSIONS}",
        split=part,
    )
