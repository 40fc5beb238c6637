"""LIVE In the Wild Image Quality Challenge: photographs from phones, rated by a crowd.

The first seven images (`t1.bmp` to `t7.bmp`) trained the raters; they are left out, as everywhere.
"""

from __future__ import annotations

import re
from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.mat import as_numbers, as_texts, check_lengths, read_mat
from beholder.datasets.rows import Row

TRAINING = re.compile(r"t\d+\.bmp", re.IGNORECASE)

CARD = DatasetCard(
    name="live_challenge",
    title="LIVE In the Wild Challenge (LIVEC)",
    kind="image",
    summary="1,162 photographs taken with mobile devices, about 175 opinions each, crowdsourced.",
    num_items=1_162,
    mos_range=(0.0, 100.0),
    content="the image itself",
    split="none; by item, 80/20 repeated",
    licence="research, notice of UT Austin",
    source="https://live.ece.utexas.edu/research/ChallengeDB/index.html",
    layout="Images/, Data/AllImages_release.mat, Data/AllMOS_release.mat, "
    "Data/AllStdDev_release.mat",
    verified="scores and names against a public label file; layout from public loaders",
    citation="Ghadiyaram, Bovik: Massive online crowdsourced study of subjective and objective "
    "picture quality. IEEE Transactions on Image Processing 25(1), 2016.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all images but the raters' training, whether they are there or not."""
    data = root / "Data"
    names = as_texts(_release(data, "AllImages_release"))
    mos = as_numbers(_release(data, "AllMOS_release"))
    spread = as_numbers(_release(data, "AllStdDev_release"))
    check_lengths(data, names=names, mos=mos, spread=spread)
    return [
        Row(
            path=root / "Images" / name,
            mos=CARD.unit(float(mos[index])),
            mos_std=CARD.unit_std(float(spread[index])),
            content_id=name,
        )
        for index, name in enumerate(names)
        if not TRAINING.fullmatch(name)
    ]


def _release(data: Path, name: str) -> object:
    return read_mat(data / f"{name}.mat", [name])[name]
