"""BIQ2021: 12,000 photographs with the mean opinion of 30 people each, and an official split.

Ahmed and Asif, BIQ2021: a large-scale blind image quality assessment database, Journal of
Electronic Imaging 31 (2022); files at https://github.com/nisarahmedrana/BIQ2021 (no licence
stated).

Subsets: `ss01` archive photographs, `ss02` deliberate faults of capture, `ss03` pictures from
Unsplash. They differ in mean opinion (0.42, 0.49, 0.74), so a part of any overall figure only says
which subset an image is from: report each subset too. The official split is not disjoint by scene:
8 % of the test images have a near copy in training (`groups.near_duplicates` finds them,
`rows.with_groups` notes them).
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row, Split, check_present, check_unique
from beholder.datasets.tables import read_number, read_table
from beholder.errors import DataError

IMAGES = "Images"
TABLES: dict[Split, str] = {
    "train": "Train (Images and MOS).csv",
    "test": "Test (Images and MOS).csv",
}
SUBSETS = ("ss01", "ss02", "ss03")

CARD = DatasetCard(
    name="biq2021",
    title="BIQ2021",
    kind="image",
    summary="12,000 photographs of 512 x 512 px from archives, deliberate faults of capture and "
    "Unsplash, each rated by 30 people in the laboratory.",
    num_items=12_000,
    mos_range=(0.0, 1.0),
    content="the image itself; 8 % of the test images have a near copy in training",
    split="official: 10,000 for training, 2,000 for test; not disjoint by scene",
    licence="none stated",
    source="https://github.com/nisarahmedrana/BIQ2021",
    layout="Images/, Train (Images and MOS).csv, Test (Images and MOS).csv",
    verified="on the whole data set",
    citation="Ahmed and Asif: BIQ2021: a large-scale blind image quality assessment database. "
    "Journal of Electronic Imaging 31(5), 2022.",
)


def read(root: str | Path) -> list[Row]:
    """Read BIQ2021 as its makers distribute it.

    Args:
        root: Folder that holds `Images/` and the two CSV files.

    Returns:
        Rows in the order of the tables, training part first. `path` is the name on disk,
        `content_id` the file's own name (no two rows share it).

    Raises:
        DataError: A folder, table or image is missing, an image is listed twice, or a line cannot
            be read.
    """
    rows = read_labels(Path(root))
    check_present(rows, Path(root), advice="copy the data set again")
    check_unique(rows)
    return rows


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all listed images, whether their files are there or not.

    Names in the tables and on disk differ in blanks and letter case in places; they are matched
    without either.
    """
    images = _images_by_key(root / IMAGES)
    rows: list[Row] = []
    for split, table in TABLES.items():
        path = root / table
        for line in read_table(path, ["Image Name", "MOS"]):
            name = line["Image Name"]
            image = images.get(_key(name), root / IMAGES / name)
            rows.append(_row(image, read_number(line["MOS"], name, path), split=split))
    return rows


def _row(image: Path, mos: float, *, split: Split) -> Row:
    subset = _key(image.name)[:4]
    if subset not in SUBSETS:
        raise DataError(
            f"expected image names that begin with {', '.join(SUBSETS)}, found {image.name!r}; "
            "is this BIQ2021?"
        )
    return Row(path=image, mos=mos, content_id=image.name, subset=subset, split=split)


def _images_by_key(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise DataError(
            f"expected the images of BIQ2021 in {folder}, found no such folder; "
            "give the folder that holds 'Images' and the two CSV files"
        )
    return {_key(path.name): path for path in sorted(folder.iterdir())}


def _key(name: str) -> str:
    return "".join(name.lower().split())
