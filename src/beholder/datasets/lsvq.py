"""LSVQ: videos from the Internet Archive and YFCC100M, with the official parts of its makers.

Opinions of whole videos; those of patches are left alone.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row, Split
from beholder.datasets.tables import is_true, read_number, read_table, read_whole
from beholder.errors import DataError

MAIN, LARGE = "labels_train_test.csv", "labels_test_1080p.csv"
COLUMNS = ["name", "mos", "height", "width"]

CARD = DatasetCard(
    name="lsvq",
    title="LSVQ",
    kind="video",
    summary="About 38,800 videos of 5 to 12 s from the Internet Archive and YFCC100M, about 35 "
    "opinions each, crowdsourced.",
    num_items=38_811,
    mos_range=(0.0, 100.0),
    content="the video itself",
    split="official: about 28,050 train, 7,200 test, 3,570 test_1080p",
    licence="research, notice of UT Austin",
    source="https://github.com/baidut/PatchVQ",
    layout="labels_train_test.csv, labels_test_1080p.csv, and the videos in folders as the labels "
    "name them (yfcc-batch1/722.mp4, ...)",
    verified="columns and the two test parts against public copies of the label files",
    citation="Ying, Mandal, Ghadiyaram, Bovik: Patch-VQ: 'patching up' the video quality problem. "
    "CVPR 2021.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all videos, whether their files are there or not.

    One of the two label files is enough; its parts are then all there is.
    """
    rows: list[Row] = []
    if (root / MAIN).is_file():
        for line in read_table(root / MAIN, [*COLUMNS, "is_test"]):
            part: Split = "test" if is_true(line["is_test"]) else "train"
            rows.append(_row(root, line, root / MAIN, part))
    if (root / LARGE).is_file():
        lines = read_table(root / LARGE, COLUMNS)
        rows += [_row(root, line, root / LARGE, "test_1080p") for line in lines]
    if not rows:
        raise DataError(
            f"expected {MAIN} or {LARGE} in {root}, found neither; get them from {CARD.source}"
        )
    return rows


def _row(root: Path, line: dict[str, str], table: Path, part: Split) -> Row:
    name = line["name"]
    return Row(
        path=root / f"{name}.mp4",
        mos=CARD.unit(read_number(line["mos"], name, table)),
        content_id=name,
        split=part,
        width_px=read_whole(line, "width", name, table),
        height_px=read_whole(line, "height", name, table),
    )
