"""Waterloo IVC 4K: 20 clips by five codecs, three sizes and four strengths."""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row
from beholder.datasets.tables import read_lines, read_number
from beholder.errors import DataError

TABLE = "scores.txt"
SIZES = {"540p": (960, 540), "1080p": (1920, 1080), "2160p": (3840, 2160)}

CARD = DatasetCard(
    name="waterloo_ivc_4k",
    title="Waterloo IVC 4K",
    kind="video",
    summary="1,200 clips of 10 s: 20 contents coded with H.264, HEVC, VP9, AVS2 and AV1 at 540p, "
    "1080p and 2160p and 4 levels, rated by 66 people on a 4K screen.",
    num_items=1_200,
    mos_range=(0.0, 100.0),
    content="the clip before coding (20), its number without zeros in front",
    split="preset waterloo_ivc_4k_internvqa: contents 1 to 4 for test",
    licence="free with notice",
    source="https://ivc.uwaterloo.ca/database/4KVQA.html",
    layout="scores.txt (encoder, video, resolution, level, MOS; no header) and the videos as "
    "HEVC/01/960x540_1.mp4",
    verified="scores and names against a public label file; scores.txt from public loaders",
    citation="Li, Duanmu, Liu, Wang: AVC, HEVC, VP9, AVS2 or AV1? A comparative study of "
    "state-of-the-art video encoders on 4K videos. ICIAR 2019.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all coded clips, whether their files are there or not."""
    table = root / TABLE
    return [_row(root, [cell.strip() for cell in line], table) for line in read_lines(table)]


def _row(root: Path, cells: list[str], table: Path) -> Row:
    if len(cells) != 5 or cells[2] not in SIZES:
        raise DataError(
            "expected encoder, video, resolution (540p, 1080p or 2160p), level and MOS in every "
            f"line of {table}, found {cells}; take off a header if there is one"
        )
    encoder, video, resolution, level, opinion = cells
    width_px, height_px = SIZES[resolution]
    name = f"{encoder}/{video.zfill(2)}/{width_px}x{height_px}_{level}.mp4"
    return Row(
        path=root / name,
        mos=CARD.unit(read_number(opinion, name, table)),
        content_id=video.lstrip("0"),
        codec=encoder.lower(),
        level=read_number(level, name, table),
        width_px=width_px,
        height_px=height_px,
    )
