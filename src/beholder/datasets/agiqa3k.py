"""AGIQA-3K: pictures that six generators made from 300 texts."""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem
from beholder.datasets.rows import Row
from beholder.datasets.tables import read_number, read_optional, read_table

CARD = DatasetCard(
    name="agiqa3k",
    title="AGIQA-3K",
    kind="image",
    summary="2,982 pictures of 6 generators (AttnGAN, DALL-E 2, GLIDE, Midjourney, Stable "
    "Diffusion 1.5 and XL 2.2) from 300 prompts, rated by 21 people.",
    num_items=2_982,
    mos_range=(0.0, 5.0),
    content="the prompt (300)",
    split="none; by prompt, 80/20 repeated",
    licence="MIT",
    source="https://github.com/lcysyzxdxc/AGIQA-3k-Database",
    layout="data.csv and the images, at any depth",
    verified="data.csv: the distributed file; the folder of the images is not known, so they are "
    "looked for",
    citation="Li et al.: AGIQA-3K: an open database for AI-generated image quality assessment. "
    "IEEE Transactions on Circuits and Systems for Video Technology, 2023.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all pictures, whether their files are there or not.

    `subset` is the generator, the opinion is that of quality (not of fit to the prompt).
    """
    table = root / "data.csv"
    files = files_by_stem(root)
    rows = []
    columns = ["name", "prompt", "mos_quality"]
    for line in read_table(table, columns, optional=["std_quality"]):
        name = line["name"]
        rows.append(
            Row(
                path=files.get(Path(name).stem.lower(), root / name),
                mos=CARD.unit(read_number(line["mos_quality"], name, table)),
                mos_std=CARD.unit_std(read_optional(line, "std_quality", name, table)),
                content_id=line["prompt"],
                subset=name.split("_")[0],
            )
        )
    return rows
