"""AVT-AI-Image-Dataset: pictures of five generators and photographs for the same texts."""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.rows import Row
from beholder.datasets.tables import read_number, read_optional, read_table

TABLE = "evaluation_quality_appeal/quality.csv"

CARD = DatasetCard(
    name="avt_ai",
    title="AVT-AI-Image-Dataset",
    kind="image",
    summary="146 pictures: 27 prompts by 5 generators (Craiyon, DALL-E 2, GLIDE, Midjourney, "
    "Stable Diffusion) and 11 photographs, rated by 25 people.",
    num_items=146,
    mos_range=(1.0, 5.0),
    content="the prompt (27)",
    split="none; too small to train on",
    licence="GPL-3.0",
    source="https://github.com/Telecommunication-Telemedia-Assessment/avt_ai_images",
    layout="a clone of the repository: images/, evaluation_quality_appeal/quality.csv",
    verified="on the whole data set",
    citation="Göring, Ramachandra Rao, Raake: Appeal and quality assessment for AI-generated "
    "images. QoMEX 2023.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all pictures, whether their files are there or not.

    `subset` is the generator, `own` for the photographs.
    """
    table = root / TABLE
    rows = []
    for line in read_table(table, ["image_key", "rating", "prompt"], optional=["std"]):
        name = line["image_key"]
        rows.append(
            Row(
                path=root / "images" / f"{name}.png",
                mos=CARD.unit(read_number(line["rating"], name, table)),
                mos_std=CARD.unit_std(read_optional(line, "std", name, table)),
                content_id=line["prompt"],
                subset=name.split("/")[0],
            )
        )
    return rows
