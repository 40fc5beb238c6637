"""LIVE-VQC: 585 videos from 101 devices, rated by a crowd."""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.mat import as_numbers, as_texts, check_lengths, read_mat
from beholder.datasets.rows import Row

CARD = DatasetCard(
    name="live_vqc",
    title="LIVE-VQC",
    kind="video",
    summary="585 videos of 10 s at 18 resolutions, taken with 101 devices, about 240 opinions "
    "each, crowdsourced.",
    num_items=585,
    mos_range=(0.0, 100.0),
    content="the video itself",
    split="none; by item, 80/20 repeated",
    licence="research, notice of UT Austin",
    source="https://live.ece.utexas.edu/research/LIVEVQC/index.html",
    layout="Video/, data.mat",
    verified="data.mat: the distributed variables; folder from public loaders",
    citation="Sinno, Bovik: Large-scale study of perceptual video quality. IEEE Transactions on "
    "Image Processing 28(2), 2019.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all videos, whether their files are there or not."""
    table = root / "data.mat"
    found = read_mat(table, ["video_list", "mos"])
    names, mos = as_texts(found["video_list"]), as_numbers(found["mos"])
    check_lengths(table, video_list=names, mos=mos)
    return [
        Row(path=root / "Video" / name, mos=CARD.unit(float(opinion)), content_id=name)
        for name, opinion in zip(names, mos, strict=True)
    ]
