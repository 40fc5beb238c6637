"""The door to the rows: names, gaps, ranges, and what adapters refuse."""

import logging

import pytest

from beholder.datasets.registry import find_dataset, read_dataset, read_labels
from beholder.errors import DataError, UnknownName, UsageError
from tests.dataset_trees import TREES, cells, write


def test_unknown_names_get_near_ones():
    with pytest.raises(UnknownName, match="no data set 'KonIQ'; did you mean koniq10k"):
        find_dataset("KonIQ")
    with pytest.raises(UnknownName, match="did you mean live, csiq, .*given as a CSV file"):
        find_dataset("?")


def test_gaps_can_be_left_out_but_not_in_silence(tmp_path, caplog):
    TREES["tid2013"](tmp_path)
    (tmp_path / "distorted_images/i01_01_1.bmp").unlink()
    with pytest.raises(
        DataError, match=r"2 labelled items in .*, found 1, none for .*01_1.bmp'; see"
    ):
        read_dataset("tid2013", tmp_path)
    with caplog.at_level(logging.WARNING):
        rows = read_dataset("tid2013", tmp_path, skip_missing=True)
    assert [row.content_id for row in rows] == ["I25"]
    assert "tid2013: 1 of 2 items; missing: 'distorted_images/I01_01_1.bmp'" in caplog.text
    (tmp_path / "distorted_images/I25_24_5.BMP").unlink()
    with pytest.raises(DataError, match="found 0"):
        read_dataset("tid2013", tmp_path, skip_missing=True)


def test_only_a_manifest_takes_a_range(tmp_path):
    write(tmp_path, "mine.csv", "path,mos,mos_std\na.mp4,4,0.8\n")
    (row,) = read_labels("csv", tmp_path / "mine.csv", mos_range=(1, 5))
    assert (row.mos, row.mos_std) == (0.75, 0.2)
    with pytest.raises(UsageError, match="for 'csv' alone, found one for 'live'"):
        read_labels("live", tmp_path, mos_range=(1, 5))


def test_a_manifest_tells_all_that_a_row_holds(tmp_path):
    head = "path,mos,content_id,subset,split,distortion,level,codec,bitrate_kbps,width_px,height_px"
    write(tmp_path, "manifest.csv", f"{head}\na.mp4,0.5,boat,night,val,blur,2,h264,800.5,640,360\n")
    (row,) = read_labels("csv", tmp_path)
    assert (row.content_id, row.subset, row.split, row.distortion) == (
        "boat",
        "night",
        "val",
        "blur",
    )
    assert (row.level, row.codec, row.bitrate_kbps) == (2, "h264", 800.5)
    assert (row.width_px, row.height_px, row.mos_std) == (640, 360, None)


# What is broken in the tree of a data set, and what is said about it.
BROKEN = [
    ("csv", "manifest.csv", "path,mos,split\na.mp4,1,training\n", "test_1080p or nothing .*'train"),
    ("csv", "manifest.csv", "path,mos,mos_std\na.mp4,1,-0.1\n", "spread of opinions of 0 or more"),
    ("csv", "manifest.csv", "path,mos,level\na.mp4,1,high\n", "a number for 'a.mp4' .*'high'"),
    ("tid2013", "mos_with_names.txt", "5.5\n", r"an opinion and a name .*\['5.5'\]"),
    ("tid2013", "mos_with_names.txt", "5.5 photo.bmp\n", "found 'photo.bmp'; is this TID2013"),
    ("kadid10k", "dmos.csv", "dist_img,ref_img,dmos\na.png,I01.png,3\n", "is this KADID-10k"),
    (
        "koniq10k",
        "koniq10k_distributions_sets.csv",
        "image_name,MOS,set\na.jpg,50,holdout\n",
        "training, validation, test .*found 'holdout'",
    ),
    ("waterloo_ivc_4k", "scores.txt", "Encoder,Video,Resolution,Level,MOS\n", "take off a header"),
    ("kvq", "train_data.csv", "filename,score\nclip.mp4,3\n", "found 'clip.mp4'; is this KVQ"),
    ("bvi_hd", "dmos.csv", "name,dmos\nBoxing.yuv,3\n", "found 'Boxing.yuv'; is this BVI-HD"),
    (
        "avt_vqdb_uhd_1",
        "test_2/mos_ci.csv",
        "src,video_name,MOS\na,a.mp4,3\n",
        "'a.mp4' .* no such",
    ),
    ("csiq", "csiq.DMOS.csv", "image,dst_type,dst_lev,dmos\n1600,haze,1,0\n", "found 'haze'"),
    ("cvd2014", "CVD2014_ratings/Realignment_MOS.csv", "Content;Test\n", "found Content, Test"),
    ("ladder", "manifest.csv", "codec,path\nx264,a.mp4\n", "add content_id, bitrate_kbps, vmaf"),
]


@pytest.mark.parametrize(("name", "file", "text", "message"), BROKEN)
def test_broken_labels_are_refused(name, file, text, message, tmp_path):
    TREES[name](tmp_path)
    write(tmp_path, file, text)
    with pytest.raises(DataError, match=message):
        read_labels(name, tmp_path)


def test_matlab_labels_of_another_shape_are_refused(tmp_path):
    from scipy.io import savemat

    TREES["live_vqc"](tmp_path)
    savemat(tmp_path / "data.mat", {"video_list": cells(["a", "b"]), "mos": [1.0]})
    with pytest.raises(DataError, match="found video_list: 2, mos: 1; copy"):
        read_labels("live_vqc", tmp_path)
    savemat(tmp_path / "data.mat", {"video_list": cells(["a", "b"])})
    with pytest.raises(DataError, match="variables video_list, mos .*found no mos"):
        read_labels("live_vqc", tmp_path)
    (tmp_path / "data.mat").write_bytes(b"no MATLAB file, but long enough to look like one" * 9)
    with pytest.raises(DataError, match="expected a MATLAB file at .*data.mat, found:"):
        read_labels("live_vqc", tmp_path)


def test_live_of_another_length_is_refused(tmp_path):
    from scipy.io import savemat

    labels = {"dmos_new": [1.0, 2.0], "dmos_std": [1.0, 1.0], "orgs": [0, 0]}
    savemat(tmp_path / "dmos_realigned.mat", labels)
    savemat(tmp_path / "refnames_all.mat", {"refnames_all": cells(["a.bmp", "b.bmp"])})
    with pytest.raises(DataError, match="expected 982 scores .* found 2"):
        read_labels("live", tmp_path)


def test_qualcomm_structures_must_hold_their_fields(tmp_path):
    from scipy.io import savemat

    both = {"qualcommVideoData": {"vidNames": cells(["a"])}, "qualcommSubjectiveData": {"a": 1}}
    savemat(tmp_path / "qualcommSubjectiveData.mat", both)
    with pytest.raises(DataError, match="expected the labels of LIVE-Qualcomm .*distortionNames"):
        read_labels("live_qualcomm", tmp_path)


def test_older_koniq_table_tells_no_parts(tmp_path):
    header = "image_name,c1,c_total,MOS,SD,MOS_zscore"
    text = f"{header}\n1.jpg,0,100,3.8,0.5,71.4\n"
    write(tmp_path, "koniq10k_scores_and_distributions.csv", text)
    (row,) = read_labels("koniq10k", tmp_path)
    assert (row.mos, row.mos_std, row.split) == (pytest.approx(0.714), 0.125, "")


def test_flive_without_its_parts_tells_none(tmp_path):
    TREES["flive"](tmp_path)
    (tmp_path / "labels640.csv").unlink()
    assert {row.split for row in read_labels("flive", tmp_path)} == {""}


def test_konvid_attributes_do_as_well(tmp_path):
    text = "flickr_id,file_name,MOS\n3339962845,a,4.64\n"
    write(tmp_path, "KoNViD_1k_metadata/KoNViD_1k_attributes.csv", text)
    (row,) = read_labels("konvid1k", tmp_path)
    assert row.mos == pytest.approx(0.91)
