"""Each data set is read from a small tree in its makers' layout."""

import dataclasses

import pytest

from beholder.datasets.registry import DATASETS, read_dataset, read_labels
from beholder.errors import DataError
from tests.dataset_trees import TREES

# (file below the root, opinion on 0..1, content) and what else the labels tell, item by item.
EXPECTED = {
    "live": [
        ("jp2k/img1.bmp", (112 + 2.64) / 115, "house0.bmp", {"distortion": "jp2k", "mos_std": 0.1}),
        ("jp2k/img2.bmp", None, "house1.bmp", {}),
        ("jp2k/img3.bmp", None, "house0.bmp", {}),
        ("fastfading/img174.bmp", 0.23 / 115, "house1.bmp", {"distortion": "fastfading"}),
    ],
    "csiq": [
        (
            "dst_imgs/AWGN/1600.AWGN.1.png",
            0.938,
            "1600",
            {"distortion": "noise", "level": 1, "mos_std": 0.061},
        ),
        ("dst_imgs/jpeg2000/boston.jpeg2000.5.png", 0.1, "boston", {"level": 5}),
    ],
    "tid2013": [
        ("distorted_images/i01_01_1.bmp", 5.51429 / 9, "I01", {"distortion": "01", "level": 1}),
        ("distorted_images/I25_24_5.BMP", 0.24242 / 9, "I25", {"distortion": "24", "level": 5}),
    ],
    "kadid10k": [
        (
            "images/I01_01_01.png",
            3.57 / 4,
            "I01.png",
            {"distortion": "01", "level": 1, "mos_std": 0.124},
        ),
        ("images/I81_25_05.png", 0, "I81.png", {"mos_std": 0}),
    ],
    "koniq10k": [
        ("1024x768/10004473376.jpg", 0.7738, "10004473376.jpg", {"split": "train"}),
        ("1024x768/10007357496.jpg", 0.039, "10007357496.jpg", {"split": "test", "mos_std": 0.25}),
        ("1024x768/10009.jpg", 0.5, "10009.jpg", {"split": "val", "mos_std": 0.2}),
    ],
    "live_challenge": [
        ("Images/101.bmp", 0.663595, "101.bmp", {"mos_std": 0.19}),
        ("Images/1164.JPG", 0.0342, "1164.JPG", {}),
    ],
    "spaq": [
        ("TestImage/00001.jpg", 0.4886, "00001.jpg", {}),
        ("TestImage/00002.jpg", 0.96, "00002.jpg", {}),
    ],
    "flive": [
        (
            "database/voc_emotic_ava/AVA__149.jpg",
            0.725,
            "voc_emotic_ava/AVA__149.jpg",
            {"split": "test", "subset": "voc_emotic_ava"},
        ),
        (
            "database/blur_dataset/out_of_focus0027.JPG",
            0.1,
            "blur_dataset/out_of_focus0027.JPG",
            {"split": "val"},
        ),
        ("database/EE371R/a.jpg", 0.5, "EE371R/a.jpg", {"split": "train"}),
    ],
    "biq2021": [
        ("Images/ss01 (1).jpg", 0.2874, "ss01 (1).jpg", {"split": "train", "subset": "ss01"}),
        ("Images/ss03(8).JPG", 1, "ss03(8).JPG", {"split": "test"}),
    ],
    "agiqa3k": [
        (
            "AGIQA-3K/AttnGAN_normal_000.jpg",
            0.19312,
            "statue of a man",
            {"subset": "AttnGAN", "mos_std": 0.04466},
        ),
        ("AGIQA-3K/sd1.5_lowcorr_001.jpg", 0.89774, "statue of a man", {"subset": "sd1.5"}),
    ],
    "avt_ai": [
        ("images/craiyon/p17.png", 0.32, "p17", {"subset": "craiyon", "mos_std": 0.245}),
        ("images/own/p17.png", 0.83, "p17", {"subset": "own"}),
    ],
    "konvid1k": [
        ("KoNViD_1k_videos/3339962845.mp4", 0.91, "3339962845", {}),
        (
            "KoNViD_1k_videos/8536919744_original_centercrop_960x540_8s.mp4",
            0.055,
            "8536919744",
            {},
        ),
    ],
    "live_vqc": [
        ("Video/A001.mp4", 0.80232, "A001.mp4", {}),
        ("Video/B123.mp4", 0.062, "B123.mp4", {}),
    ],
    "youtube_ugc": [
        (
            "original_videos/Animation/360P/Animation_360P-08c9.mkv",
            0.663,
            "Animation_360P-08c9",
            {"subset": "Animation", "mos_std": 0.114},
        ),
        (
            "original_videos_h264/Sports_2160P-4e9f_crf_10_ss_00_t_20.0.mp4",
            0.85125,
            "Sports_2160P-4e9f",
            {},
        ),
    ],
    "lsvq": [
        (
            "yfcc-batch1/725.mp4",
            0.7684,
            "yfcc-batch1/725",
            {"split": "train", "width_px": 1280, "height_px": 720},
        ),
        ("ia-batch2/abc.mp4", 0.0244, "ia-batch2/abc", {"split": "test"}),
        ("yfcc-batch1/717.mp4", 0.496, "yfcc-batch1/717", {"split": "test_1080p"}),
    ],
    "bvi_hd": [
        (
            "HEVC_YUV/Boxing_1920x1080_30fps_HEVC_QP27.mkv",
            (100 - 1.611) / 120,
            "Boxing",
            {"codec": "hevc", "level": 27, "height_px": 1080},
        ),
        (
            "BallUnderWater_1920x1080_60fps_HEVC_SYNTH_QP47.yuv",
            (100 - 38.667) / 120,
            "BallUnderWater",
            {"codec": "hevc_synth", "level": 47},
        ),
    ],
    "waterloo_ivc_4k": [
        (
            "HEVC/01/960x540_1.mp4",
            0.1821,
            "1",
            {"codec": "hevc", "level": 1, "width_px": 960, "height_px": 540},
        ),
        ("AV1/20/3840x2160_4.mp4", 0.9759, "20", {"codec": "av1"}),
    ],
    "kvq": [
        ("train_video/0001.mp4", 0.625, "train-0", {"split": "train"}),
        ("train_video/0007.mp4", 0.625, "train-0", {}),
        ("train_video/0008.mp4", 0.625, "train-1", {}),
        ("test_video/0001.mp4", 0.875, "test-0", {"split": "test"}),
    ],
    "avt_vqdb_uhd_1": [
        (
            "test_1/segments/water_netflix_200kbps_360p_59.94fps_h264.mp4",
            0,
            "water_netflix",
            {"codec": "h264", "bitrate_kbps": 192.51, "width_px": 640, "subset": "test_1"},
        ),
        *(
            (
                f"test_{index}/segments/water_netflix_8s_97kbps_360p_30fps_vp9.mkv",
                (index - 1) / 4,
                "water_netflix",
                {"codec": "vp9"},
            )
            for index in (2, 3, 4)
        ),
    ],
    "cvd2014": [
        ("Test1/City/Test01_City_D01.avi", 74.29 / 101, "City", {"subset": "Test1"}),
        ("Test6/Talking_head/Test06_Talking_Head_D16.avi", 0.5 / 101, "Talking head", {}),
    ],
    "live_qualcomm": [
        (
            "Artifacts/0723_ManUnderTree_GS5_03.yuv",
            0.5257,
            "manundertree",
            {"distortion": "Artifacts"},
        ),
        ("Color/0911duckSwim_gs5_20150911.mp4", 0.1656, "duckswim", {"distortion": "Color"}),
    ],
    "ladder": [
        (
            "boat/x264_crf18.mp4",
            0.9987,
            "boat",
            {"codec": "x264", "level": 18, "bitrate_kbps": 7230.5, "height_px": 480},
        ),
        ("boat/av1_crf50.mp4", 0.4, "boat", {"codec": "av1"}),
    ],
    "csv": [
        ("a.mp4", 1, "a.mp4", {"split": "train", "mos_std": 0.1}),
        ("b.mp4", 0, "b.mp4", {"split": "test_1080p", "mos_std": None}),
    ],
}


def test_every_data_set_has_a_tree_and_a_card_of_its_name():
    assert list(TREES) == list(DATASETS) == list(EXPECTED)
    assert all(entry.card.name == name for name, entry in DATASETS.items())


@pytest.mark.parametrize("name", EXPECTED)
def test_rows_are_what_the_labels_say(name, tmp_path):
    TREES[name](tmp_path)
    rows = read_dataset(name, tmp_path)
    assert [str(row.path.relative_to(tmp_path)) for row in rows] == [x[0] for x in EXPECTED[name]]
    for row, (_, mos, content, facts) in zip(rows, EXPECTED[name], strict=True):
        assert row.content_id == content
        assert mos is None or row.mos == pytest.approx(mos, abs=1e-9)
        found = dataclasses.asdict(row)
        assert {key: found[key] for key in facts} == pytest.approx(facts)


@pytest.mark.parametrize("name", EXPECTED)
def test_labels_are_read_without_media_and_gaps_are_named(name, tmp_path):
    TREES[name](tmp_path)
    num_rows = len(read_labels(name, tmp_path))
    labels = (".csv", ".txt", ".mat", ".xlsx")
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.suffix not in labels:
            path.unlink()
    assert len(read_labels(name, tmp_path)) == num_rows
    with pytest.raises(DataError, match=rf"each of {num_rows} labelled .* found 0, none for '\w"):
        read_dataset(name, tmp_path)


@pytest.mark.parametrize("name", EXPECTED)
def test_another_folder_is_refused(name, tmp_path):
    with pytest.raises(DataError, match=r"expected .*, found"):
        read_labels(name, tmp_path)
