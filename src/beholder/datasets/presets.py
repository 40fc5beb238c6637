"""Fixed splits that the literature names, as data."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from beholder.datasets.rows import Row
from beholder.errors import DataError, UnknownName


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset:
    """One split of one data set that everybody draws the same."""

    dataset: str
    """A key of `registry.DATASETS`."""
    parts: tuple[str, ...]
    """Parts that rows of this split are in."""
    source: str
    """Who drew it."""
    test_contents: frozenset[str] | None = None
    """Contents of the test part, all others being for training; None: the rows tell their part."""


PRESETS: dict[str, Preset] = {
    "waterloo_ivc_4k_internvqa": Preset(
        dataset="waterloo_ivc_4k",
        parts=("train", "test"),
        source="InternVQA: contents 1 to 4 are the test",
        test_contents=frozenset({"1", "2", "3", "4"}),
    ),
    "bvi_hd_internvqa": Preset(
        dataset="bvi_hd",
        parts=("train", "test"),
        source="InternVQA: six named contents are the test",
        test_contents=frozenset(
            {
                "BallUnderWater",
                "Bookcase",
                "BricksLeaves",
                "Music",
                "PlasmaSlowRandom",
                "TreeGrassFamily",
            }
        ),
    ),
    "lsvq_official": Preset(
        dataset="lsvq",
        parts=("train", "test", "test_1080p"),
        source="the makers of the set; the second test part is of 1080p and larger",
    ),
    "biq2021_official": Preset(
        dataset="biq2021", parts=("train", "test"), source="the makers of the set"
    ),
    "koniq10k_official": Preset(
        dataset="koniq10k",
        parts=("train", "val", "test"),
        source="the makers of the set (table with the column 'set')",
    ),
    "flive_official": Preset(
        dataset="flive", parts=("train", "val", "test"), source="the makers of the set"
    ),
    "kvq_ntire2024": Preset(
        dataset="kvq", parts=("train", "val", "test"), source="the NTIRE 2024 challenge"
    ),
}


def apply_preset(rows: Sequence[Row], name: str) -> list[Row]:
    """Put rows into the parts of a fixed split.

    Args:
        rows: All rows of the preset's data set.
        name: A key of `PRESETS`.

    Returns:
        The rows in the same order, `split` being `train`, `val`, `test` or `test_1080p`.

    Raises:
        UnknownName: No preset has that name; the nearest real names are in the text.
        DataError: A row tells no part, or no row is in one of the test contents.
    """
    if name not in PRESETS:
        near = difflib.get_close_matches(name.lower(), PRESETS, n=3, cutoff=0.4) or list(PRESETS)
        raise UnknownName(f"no fixed split {name!r}; did you mean {', '.join(near)}?")
    preset = PRESETS[name]
    if preset.test_contents is None:
        _check_told(rows, preset)
        return list(rows)
    known = {content.lower() for content in preset.test_contents}
    absent = known - {row.content_id.lower() for row in rows}
    if absent:
        raise DataError(
            f"expected the contents {', '.join(sorted(preset.test_contents))} of the split "
            f"{name!r}, found none called {', '.join(sorted(absent))}; are these all rows of "
            f"{preset.dataset}?"
        )
    return [
        dataclasses.replace(row, split="test" if row.content_id.lower() in known else "train")
        for row in rows
    ]


def _check_told(rows: Sequence[Row], preset: Preset) -> None:
    found = {row.split for row in rows}
    if not found or "" in found:
        raise DataError(
            f"expected every row of {preset.dataset} to be in {', '.join(preset.parts)}, found "
            f"some that tell no part; read them with the label file that does "
            f"(see: beholder datasets show {preset.dataset})"
        )
