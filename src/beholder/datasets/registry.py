"""The table of all data sets that Beholder can read, and the door to their rows."""

from __future__ import annotations

import difflib
import logging
from pathlib import Path

from beholder.datasets import (
    agiqa3k,
    avt_ai,
    avt_vqdb_uhd_1,
    biq2021,
    bvi_hd,
    csiq,
    csv_manifest,
    cvd2014,
    flive,
    kadid10k,
    koniq10k,
    konvid1k,
    kvq,
    ladder,
    live,
    live_challenge,
    live_qualcomm,
    live_vqc,
    lsvq,
    spaq,
    tid2013,
    waterloo_ivc_4k,
    youtube_ugc,
)
from beholder.datasets.card import DatasetEntry
from beholder.datasets.rows import Row, check_present, check_unique, missing_names, name_some
from beholder.errors import UnknownName, UsageError

_log = logging.getLogger(__name__)

DATASETS: dict[str, DatasetEntry] = {
    "live": DatasetEntry(live.CARD, live.read_labels),
    "csiq": DatasetEntry(csiq.CARD, csiq.read_labels),
    "tid2013": DatasetEntry(tid2013.CARD, tid2013.read_labels),
    "kadid10k": DatasetEntry(kadid10k.CARD, kadid10k.read_labels),
    "koniq10k": DatasetEntry(koniq10k.CARD, koniq10k.read_labels),
    "live_challenge": DatasetEntry(live_challenge.CARD, live_challenge.read_labels),
    "spaq": DatasetEntry(spaq.CARD, spaq.read_labels),
    "flive": DatasetEntry(flive.CARD, flive.read_labels),
    "biq2021": DatasetEntry(biq2021.CARD, biq2021.read_labels),
    "agiqa3k": DatasetEntry(agiqa3k.CARD, agiqa3k.read_labels),
    "avt_ai": DatasetEntry(avt_ai.CARD, avt_ai.read_labels),
    "konvid1k": DatasetEntry(konvid1k.CARD, konvid1k.read_labels),
    "live_vqc": DatasetEntry(live_vqc.CARD, live_vqc.read_labels),
    "youtube_ugc": DatasetEntry(youtube_ugc.CARD, youtube_ugc.read_labels),
    "lsvq": DatasetEntry(lsvq.CARD, lsvq.read_labels),
    "bvi_hd": DatasetEntry(bvi_hd.CARD, bvi_hd.read_labels),
    "waterloo_ivc_4k": DatasetEntry(waterloo_ivc_4k.CARD, waterloo_ivc_4k.read_labels),
    "kvq": DatasetEntry(kvq.CARD, kvq.read_labels),
    "avt_vqdb_uhd_1": DatasetEntry(avt_vqdb_uhd_1.CARD, avt_vqdb_uhd_1.read_labels),
    "cvd2014": DatasetEntry(cvd2014.CARD, cvd2014.read_labels),
    "live_qualcomm": DatasetEntry(live_qualcomm.CARD, live_qualcomm.read_labels),
    "ladder": DatasetEntry(ladder.CARD, ladder.read_labels),
    "csv": DatasetEntry(csv_manifest.CARD, csv_manifest.read_labels),
}


def find_dataset(name: str) -> DatasetEntry:
    """Look up a data set.

    Raises:
        UnknownName: No data set has that name; the nearest real names are in the text.
    """
    if name not in DATASETS:
        near = difflib.get_close_matches(name.lower(), DATASETS, n=3, cutoff=0.4)
        raise UnknownName(
            f"no data set {name!r}; did you mean {', '.join(near or DATASETS)}? "
            "Any other set can be given as a CSV file (see: beholder datasets show csv)"
        )
    return DATASETS[name]


def read_labels(
    name: str, root: str | Path, *, mos_range: tuple[float, float] | None = None
) -> list[Row]:
    """Read the labels of a data set, whether its images and videos are there or not.

    Args:
        name: A key of `DATASETS`.
        root: The folder as the data set's makers distribute it (`layout` in its card).
        mos_range: For `csv` alone: opinions of the worst and the best quality; (0, 1) by default.

    Returns:
        One row per rated item, in the order of the label files.

    Raises:
        UnknownName: No data set has that name.
        UsageError: A range was given for a data set that has its own.
        DataError: A label file is missing or cannot be read.
        MissingExtra: The labels are in a spreadsheet, and the package that reads it is missing.
    """
    entry = find_dataset(name)
    if mos_range is None:
        return entry.read_labels(Path(root))
    if name != csv_manifest.CARD.name:
        raise UsageError(
            f"expected a range of opinions for 'csv' alone, found one for {name!r}; leave it out, "
            f"the range of {entry.card.title} is known"
        )
    return csv_manifest.read_labels(root, mos_range=mos_range)


def read_dataset(
    name: str,
    root: str | Path,
    *,
    skip_missing: bool = False,
    mos_range: tuple[float, float] | None = None,
) -> list[Row]:
    """Read a data set whose images and videos are there.

    Args:
        name: A key of `DATASETS`.
        root: The folder as the data set's makers distribute it (`layout` in its card).
        skip_missing: Leave out items whose files are not there, with a warning in the log.
        mos_range: For `csv` alone, as in `read_labels`.

    Returns:
        One row per rated item, in the order of the label files.

    Raises:
        UnknownName: No data set has that name.
        UsageError: A range was given for a data set that has its own.
        DataError: A label file cannot be read, an item is listed twice, a file is missing, or all
            are.
        MissingExtra: The labels are in a spreadsheet, and the package that reads it is missing.
    """
    rows, root = read_labels(name, root, mos_range=mos_range), Path(root)
    check_unique(rows)
    present = [row for row in rows if row.path.is_file()]
    if not (skip_missing and present):
        check_present(
            rows, root, advice=f"see them all with: beholder datasets check {name} --data {root}"
        )
    elif len(present) < len(rows):
        missing = name_some(missing_names(rows, root))
        _log.warning("%s: %d of %d items; missing: %s", name, len(present), len(rows), missing)
    return present
