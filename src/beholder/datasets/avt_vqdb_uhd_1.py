"""AVT-VQDB-UHD-1: four tests of coded 4K clips.

The tests had other viewers and other conditions; report them apart (`subset`). A clip of one scene
has `_8s` in its name in some tests and not in others; it is one content.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem
from beholder.datasets.rows import Row
from beholder.datasets.tables import read_number, read_optional, read_table, read_whole
from beholder.errors import DataError

TESTS = ("test_1", "test_2", "test_3", "test_4")
FACTS = ["video_name", "video_bitrate", "video_codec", "video_width", "video_height"]

CARD = DatasetCard(
    name="avt_vqdb_uhd_1",
    title="AVT-VQDB-UHD-1",
    kind="video",
    summary="756 clips of 8 to 10 s: 17 contents coded with H.264, HEVC and VP9 from 360p to 2160p "
    "and 15 to 60 fps, in 4 tests with 24 to 29 viewers each.",
    num_items=756,
    mos_range=(1.0, 5.0),
    content="the clip before coding (17)",
    split="none; by content, or by test",
    licence="CC BY-NC 4.0, some contents CC BY 3.0 or Netflix open content",
    source="https://github.com/Telecommunication-Telemedia-Assessment/AVT-VQDB-UHD-1",
    layout="a clone of the repository, with what its download.py gets: test_1/ to test_4/, each "
    "with mos_ci.csv, metadata.csv and segments/",
    verified="label files and names: the distributed files; no videos",
    citation="Ramachandra Rao, Göring, Robitza, Feiten, Raake: AVT-VQDB-UHD-1: a large scale video "
    "quality database for UHD-1. IEEE ISM 2019.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all coded clips of the four tests, whether their files are there or not."""
    return [row for test in TESTS for row in _test(root / test)]


def _test(folder: Path) -> list[Row]:
    table, facts_table = folder / "mos_ci.csv", folder / "metadata.csv"
    facts = {line["video_name"]: line for line in read_table(facts_table, FACTS)}
    # Labels say .mp4 everywhere; VP9 came in .mkv.
    files = files_by_stem(folder / "segments")
    rows = []
    for line in read_table(table, ["src", "video_name", "MOS"]):
        name = line["video_name"]
        if name not in facts:
            raise DataError(f"expected {name!r} of {table} in {facts_table}, found no such line")
        fact = facts[name]
        rows.append(
            Row(
                path=files.get(Path(name).stem.lower(), folder / "segments" / name),
                mos=CARD.unit(read_number(line["MOS"], name, table)),
                content_id=line["src"].removesuffix("_8s"),
                subset=folder.name,
                codec=fact["video_codec"],
                bitrate_kbps=read_optional(fact, "video_bitrate", name, facts_table),
                width_px=read_whole(fact, "video_width", name, facts_table),
                height_px=read_whole(fact, "video_height", name, facts_table),
            )
        )
    return rows
