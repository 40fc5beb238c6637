"""The readers on the real label files of public data sets: counts, contents, ends of the scale.

The files come in the form of those who collected them; where that is not the makers' own, they are
brought into it here. No media are needed.
"""

import csv
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from beholder.datasets.presets import apply_preset
from beholder.datasets.registry import read_labels
from tests.dataset_trees import LIVE_COUNTS, cells, write

LABELS = Path(__file__).parents[4] / "shared" / "labels"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not LABELS.is_dir(), reason="../shared/labels is not on this machine"),
]


def _lines(name):
    with (LABELS / name).open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _write_table(path, header, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *lines])


def _contents(rows):
    return len({row.content_id for row in rows})


def test_live(tmp_path):
    # The collected file leaves the originals out; here they are put back as places without score.
    scores = {line["dis_img_path"].split("LIVE/")[1]: line for line in _lines("LIVE.txt")}
    places = [f"{kind}/img{i + 1}.bmp" for kind, count in LIVE_COUNTS.items() for i in range(count)]
    known = [scores.get(place) for place in places]
    labels = {
        "dmos_new": [float(line["score"]) if line else 0.0 for line in known],
        "dmos_std": np.ones(len(places)),
        "orgs": [line is None for line in known],
    }
    savemat(tmp_path / "dmos_realigned.mat", labels)
    names = [Path(line["ref_img_path"]).name if line else "original" for line in known]
    savemat(tmp_path / "refnames_all.mat", {"refnames_all": cells(names)})
    rows = read_labels("live", tmp_path)
    assert (len(rows), _contents(rows)) == (779, 29)
    assert Counter(row.distortion for row in rows) == {
        "jp2k": 169,
        "jpeg": 175,
        "wn": 145,
        "gblur": 145,
        "fastfading": 145,
    }
    assert min(row.mos for row in rows) < 0.01
    assert max(row.mos for row in rows) > 0.99


def test_csiq(tmp_path):
    kinds = {
        "Contrast Dist.": "contrast",
        "GBLUR": "blur",
        "JP2K": "jpeg 2000",
        "JPEG": "jpeg",
        "Pink_Noise": "fnoise",
        "AWGN": "noise",
    }
    lines = _lines("CSIQ.txt")
    table = []
    for line in lines:
        image, _, level, _ = Path(line["dis_img_path"]).name.split(".")
        table.append([image, kinds[line["dis_type"]], level, line["score"]])
    header = ["image", "dst_type", "dst_lev", "dmos"]
    _write_table(tmp_path / "csiq.DMOS.csv", header, table)
    rows = read_labels("csiq", tmp_path)
    assert (len(rows), _contents(rows)) == (866, 30)
    # The names that the reader builds are those of the collected file.
    collected = [Path(line["dis_img_path"]).name for line in lines]
    assert [row.path.name for row in rows] == collected


def test_tid2013(tmp_path):
    lines = [f"{x['score']} {Path(x['dis_img_path']).name}" for x in _lines("TID2013.txt")]
    write(tmp_path, "mos_with_names.txt", "\n".join(lines))
    rows = read_labels("tid2013", tmp_path)
    assert (len(rows), _contents(rows)) == (3000, 25)
    assert set(Counter(row.distortion for row in rows).values()) == {125}
    assert {row.level for row in rows} == {1, 2, 3, 4, 5}


def test_kadid10k(tmp_path):
    table = [
        [Path(x["dis_img_path"]).name, Path(x["ref_img_path"]).name, x["score"]]
        for x in _lines("KADID-10k.txt")
    ]
    _write_table(tmp_path / "dmos.csv", ["dist_img", "ref_img", "dmos"], table)
    rows = read_labels("kadid10k", tmp_path)
    assert (len(rows), _contents(rows)) == (10_125, 81)
    assert set(Counter(row.distortion for row in rows).values()) == {405}


@pytest.mark.parametrize(
    ("name", "labels", "table", "header", "count"),
    [
        (
            "spaq",
            "SPAQ.txt",
            "Annotations/MOS and Image attribute scores.csv",
            ["Image name", "MOS"],
            11_125,
        ),
        (
            "konvid1k",
            "KONVID_1K_metadata.csv",
            "KoNViD_1k_mos.csv",
            ["flickr_id", "mos"],
            1_200,
        ),
    ],
)
def test_sets_without_repeated_contents(name, labels, table, header, count, tmp_path):
    lines = [
        [Path(line.get("dis_img_path") or line["vid"]).name, line.get("score") or line["mos"]]
        for line in _lines(labels)
    ]
    _write_table(tmp_path / table, header, lines)
    rows = read_labels(name, tmp_path)
    assert len(rows) == _contents(rows) == count


def test_live_challenge(tmp_path):
    lines = _lines("LIVE_Challenge.txt")
    names = [*(f"t{i}.bmp" for i in range(1, 8)), *(Path(x["dis_img_path"]).name for x in lines)]
    mos = [*[50.0] * 7, *(float(line["score"]) for line in lines)]
    (tmp_path / "Data").mkdir()
    for name, value in (
        ("AllImages_release", cells(names)),
        ("AllMOS_release", mos),
        ("AllStdDev_release", np.ones(len(mos))),
    ):
        savemat(tmp_path / "Data" / f"{name}.mat", {name: value})
    rows = read_labels("live_challenge", tmp_path)
    # The collected list lacks one of the 1,162 images.
    assert len(rows) == len(lines) == 1161


def test_live_vqc_as_distributed(tmp_path):
    shutil.copy(LABELS / "LiveVQC_data.mat", tmp_path / "data.mat")
    rows = read_labels("live_vqc", tmp_path)
    collected = {line["vid"]: float(line["mos"]) / 100 for line in _lines("LIVE_VQC_metadata.csv")}
    assert {row.path.stem: row.mos for row in rows} == pytest.approx(collected)
    assert len(rows) == 585


def test_live_qualcomm_as_distributed(tmp_path):
    name = "LIVE-Qualcomm_qualcommSubjectiveData.mat"
    shutil.copy(LABELS / name, tmp_path / "qualcommSubjectiveData.mat")
    rows = read_labels("live_qualcomm", tmp_path)
    found = {f"{row.distortion}/{row.path.stem}": row.mos for row in rows}
    lines = _lines("LIVE_QUALCOMM_metadata.csv")
    assert found == pytest.approx({line["vid"]: float(line["mos"]) / 100 for line in lines})
    assert (len(rows), _contents(rows)) == (208, 54)


def test_cvd2014_as_distributed(tmp_path):
    shutil.copy(LABELS / "CVD2014_Realignment_MOS.csv", tmp_path / "Realignment_MOS.csv")
    rows = read_labels("cvd2014", tmp_path)
    assert (len(rows), _contents(rows)) == (234, 5)
    collected = {x["vid"].split("/")[2]: float(x["mos"]) for x in _lines("CVD_2014_metadata.csv")}
    assert {row.path.stem: row.mos * 101 - 7 for row in rows} == pytest.approx(collected)


def test_lsvq_as_distributed(tmp_path):
    shutil.copy(LABELS / "LSVQ_whole_test_1080p.csv", tmp_path / "labels_test_1080p.csv")
    rows = apply_preset(read_labels("lsvq", tmp_path), "lsvq_official")
    # The other collection has shortened five of the names.
    collected = sorted(float(x["mos"]) / 100 for x in _lines("LSVQ_TEST_1080P_metadata.csv"))
    assert sorted(row.mos for row in rows) == pytest.approx(collected)
    assert {row.split for row in rows} == {"test_1080p"}
    assert len(rows) == _contents(rows) == 3561


def test_youtube_ugc(tmp_path):
    lines = _lines("YOUTUBE_UGC_metadata.csv")
    table = [[line["vid"], line["category"], line["mos"], line["stdFull"]] for line in lines]
    name = "original_videos_MOS_for_YouTube_UGC_dataset.csv"
    _write_table(tmp_path / name, ["vid", "category", "MOS full", "stdFull"], table)
    rows = read_labels("youtube_ugc", tmp_path)
    assert len(rows) == 1149
    assert all(row.mos_std is not None for row in rows)


def test_waterloo_ivc_4k(tmp_path):
    lines = _lines("waterloo_data.csv")
    columns = ("Encoder", "Video Number", "Resolution", "Distortion Level", "MOS")
    text = "\n".join(",".join(line[column] for column in columns) for line in lines)
    write(tmp_path, "scores.txt", text)
    rows = apply_preset(read_labels("waterloo_ivc_4k", tmp_path), "waterloo_ivc_4k_internvqa")
    # The names that the reader builds are those of the collected file.
    collected = ["/".join(line["path"].split("/")[-3:]) for line in lines]
    assert [str(row.path.relative_to(tmp_path)) for row in rows] == collected
    assert Counter(row.split for row in rows) == {"train": 960, "test": 240}
    assert _contents(rows) == 20
