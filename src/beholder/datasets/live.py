"""LIVE, release 2: 29 photographs with five faults at several strengths.

The numbers in the names of the images count through one distortion, in the order of the arrays:
the first 227 entries are `jp2k/img1.bmp` to `jp2k/img227.bmp`, and so on. Entries marked in
`orgs` are copies of the photographs and no rated fault; they are left out, as everywhere.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.mat import as_numbers, as_texts, check_lengths, read_mat
from beholder.datasets.rows import Row
from beholder.errors import DataError

FOLDERS = {"jp2k": 227, "jpeg": 233, "wn": 174, "gblur": 174, "fastfading": 174}
"""Folder of each distortion to the number of its images, originals included."""

CARD = DatasetCard(
    name="live",
    title="LIVE (release 2)",
    kind="image",
    summary="779 images made from 29 photographs with JPEG 2000, JPEG, white noise, blur and "
    "bit errors; realigned degradation scores of about 23 people an image.",
    num_items=779,
    # Realigned degradations have no fixed ends; these enclose all of them (-2.6 to 111.8).
    mos_range=(112.0, -3.0),
    content="the photograph that the image was made from (29)",
    split="none; by content, 80/20 repeated",
    licence="research, notice of UT Austin",
    source="https://live.ece.utexas.edu/research/quality/subjective.htm",
    layout="jp2k/, jpeg/, wn/, gblur/, fastfading/, dmos_realigned.mat, refnames_all.mat",
    verified="scores against a public label file; layout from public loaders, not against files",
    citation="Sheikh, Sabir, Bovik: A statistical evaluation of recent full reference image "
    "quality assessment algorithms. IEEE Transactions on Image Processing 15(11), 2006.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all images that are not originals, whether their files are there or not."""
    table = root / "dmos_realigned.mat"
    found = read_mat(table, ["dmos_new", "dmos_std", "orgs"])
    dmos, spread = as_numbers(found["dmos_new"]), as_numbers(found["dmos_std"])
    originals = as_numbers(found["orgs"]) > 0
    names = root / "refnames_all.mat"
    references = as_texts(read_mat(names, ["refnames_all"])["refnames_all"])
    check_lengths(table, dmos_new=dmos, dmos_std=spread, orgs=originals, refnames_all=references)
    places = [(kind, i) for kind, count in FOLDERS.items() for i in range(1, count + 1)]
    if len(places) != len(dmos):
        raise DataError(f"expected {len(places)} scores in {table}, found {len(dmos)}")
    return [
        Row(
            path=root / kind / f"img{number}.bmp",
            mos=CARD.unit(float(dmos[index])),
            mos_std=CARD.unit_std(float(spread[index])),
            content_id=references[index],
            distortion=kind,
        )
        for index, (kind, number) in enumerate(places)
        if not originals[index]
    ]
