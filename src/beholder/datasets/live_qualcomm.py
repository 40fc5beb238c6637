"""LIVE-Qualcomm: 54 scenes taken with eight phones, in six groups of faults of capture.

The opinions are those that the makers freed from the taste of single raters (`unBiasedMOS`). Videos
come raw; those that were wrapped into a container under the same name are found as well.
"""

from __future__ import annotations

from pathlib import Path

from beholder.datasets.card import DatasetCard
from beholder.datasets.files import files_by_stem
from beholder.datasets.mat import as_numbers, as_texts, check_lengths, read_mat
from beholder.datasets.rows import Row
from beholder.datasets.tables import match_name
from beholder.errors import DataError

TABLE = "qualcommSubjectiveData.mat"
SCENE = r"\d{4}_?([a-z]+\d?)_.+"
"""Day, scene and phone; the blank after the day is missing in places."""
SIZE_PX = (1920, 1080)

CARD = DatasetCard(
    name="live_qualcomm",
    title="LIVE-Qualcomm",
    kind="video",
    summary="208 videos of 15 s at 1920 x 1080 px: 54 scenes taken with 8 phones, in 6 groups of "
    "faults of capture, rated by 39 people each.",
    num_items=208,
    mos_range=(0.0, 100.0),
    content="the scene (54); part of the literature splits by item instead",
    split="none; by content or by item, 80/20 repeated",
    licence="research, notice of UT Austin",
    source="https://live.ece.utexas.edu/research/incaptureDatabase/index.html",
    layout="qualcommSubjectiveData.mat and the videos, in a folder for each fault; raw .yuv files "
    "have to be wrapped into a container to be scored",
    verified="label file: the distributed one; folders from public loaders",
    citation="Ghadiyaram, Pan, Bovik, Moorthy, Panda, Yang: In-capture mobile video distortions: a "
    "study of subjective behavior and objective algorithms. IEEE Transactions on Circuits and "
    "Systems for Video Technology 28(9), 2018.",
)


def read_labels(root: Path) -> list[Row]:
    """Read the rows of all videos, whether their files are there or not."""
    table = root / TABLE
    found = read_mat(table, ["qualcommVideoData", "qualcommSubjectiveData"])
    try:
        names = as_texts(found["qualcommVideoData"].vidNames)
        kinds = as_texts(found["qualcommVideoData"].distortionNames)
        kind_of = as_numbers(found["qualcommVideoData"].distortionType)
        mos = as_numbers(found["qualcommSubjectiveData"].unBiasedMOS)
    except AttributeError as error:
        raise DataError(
            f"expected the labels of {CARD.title} in {table}, found: {error}"
        ) from error
    check_lengths(table, vidNames=names, distortionType=kind_of, unBiasedMOS=mos)
    files = files_by_stem(root)
    rows = []
    for name, kind, opinion in zip(names, kind_of, mos, strict=True):
        # MATLAB counts from one.
        fault = kinds[int(kind) - 1]
        rows.append(
            Row(
                path=files.get(Path(name).stem.lower(), root / fault / name),
                mos=CARD.unit(float(opinion)),
                content_id=match_name(SCENE, name, CARD.title)[1].lower(),
                distortion=fault,
                width_px=SIZE_PX[0],
                height_px=SIZE_PX[1],
            )
        )
    return rows
