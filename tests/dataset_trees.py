"""Miniature copies of data sets in the layout of their makers: real labels' form, empty media."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from openpyxl import Workbook
from scipy.io import savemat


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_sheet(
    root: Path, name: str, lines: Sequence[Sequence[object]], *, title: str = "Sheet1"
) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    book.active.title = "notes"
    table = book.create_sheet(title, 0)
    for line in lines:
        table.append(list(line))
    book.save(path)
    book.close()


def cells(texts: Sequence[str]) -> np.ndarray:
    """A MATLAB cell array of texts, as one column."""
    column = np.empty((len(texts), 1), dtype=object)
    column[:, 0] = texts
    return column


LIVE_COUNTS = {"jp2k": 227, "jpeg": 233, "wn": 174, "gblur": 174, "fastfading": 174}


def live(root: Path) -> None:
    total = sum(LIVE_COUNTS.values())
    dmos = np.linspace(-2.64, 111.77, total)[None]
    originals = np.zeros((1, total), dtype=np.uint8)
    originals[0, 3:] = 1
    originals[0, -1] = 0
    labels = {"dmos_new": dmos, "dmos_std": np.full((1, total), 11.5), "orgs": originals}
    savemat(root / "dmos_realigned.mat", labels)
    names = cells([f"house{i % 2}.bmp" for i in range(total)]).T
    savemat(root / "refnames_all.mat", {"refnames_all": names})
    touch(root, "jp2k/img1.bmp", "jp2k/img2.bmp", "jp2k/img3.bmp", "fastfading/img174.bmp")


def csiq(root: Path) -> None:
    lines: list[list[object]] = [
        ["CSIQ DMOS"],
        [],
        [None, None, None, "image", "dst_idx", "dst_type", "dst_lev", "dmos_std", "dmos"],
        [None, None, None, 1600, 1, "noise", 1, 0.061, 0.062],
        [None, None, None, "boston", 3, "jpeg 2000", 5, 0.1, 0.9],
        [None, None, None, None, None, None, None, None, None],
    ]
    write_sheet(root, "csiq.DMOS.xlsx", lines, title="all_by_image")
    touch(root, "dst_imgs/AWGN/1600.AWGN.1.png", "dst_imgs/jpeg2000/boston.jpeg2000.5.png")


def tid2013(root: Path) -> None:
    write(root, "mos_with_names.txt", "5.51429 I01_01_1.bmp\n0.24242 i25_24_5.bmp\n")
    touch(root, "distorted_images/i01_01_1.bmp", "distorted_images/I25_24_5.BMP")


def kadid10k(root: Path) -> None:
    write(
        root,
        "dmos.csv",
        "dist_img,ref_img,dmos,var\nI01_01_01.png,I01.png,4.57,0.496\nI81_25_05.png,I81.png,1,0\n",
    )
    touch(root, "images/I01_01_01.png", "images/I81_25_05.png")


def koniq10k(root: Path) -> None:
    write(
        root,
        "koniq10k_distributions_sets.csv",
        "image_name,c1,c2,c3,c4,c5,c_total,MOS,SD,set\n"
        "10004473376.jpg,0,0,0.238,0.695,0.066,105,77.38,0.528,training\n"
        "10007357496.jpg,0,0,0.238,0.695,0.066,105,3.9,1.0,test\n"
        "10009.jpg,0,0,0.238,0.695,0.066,105,50,0.8,validation\n",
    )
    touch(root, *(f"1024x768/{name}.jpg" for name in ("10004473376", "10007357496", "10009")))


def live_challenge(root: Path) -> None:
    (root / "Data").mkdir()
    names = ["t1.bmp", "t7.bmp", "101.bmp", "1164.JPG"]
    savemat(root / "Data/AllImages_release.mat", {"AllImages_release": cells(names)})
    mos = np.array([[50.0, 50.0, 66.3595, 3.42]])
    savemat(root / "Data/AllMOS_release.mat", {"AllMOS_release": mos})
    savemat(root / "Data/AllStdDev_release.mat", {"AllStdDev_release": mos * 0 + 19})
    touch(root, "Images/trainingImages/t1.bmp", "Images/101.bmp", "Images/1164.JPG")


def spaq(root: Path) -> None:
    lines = [["Image name", "MOS", "Brightness"], ["00001.jpg", 48.86, 50], ["00002.jpg", 96, 1]]
    write_sheet(root, "Annotations/MOS and Image attribute scores.xlsx", lines)
    touch(root, "TestImage/00001.jpg", "TestImage/00002.jpg")


def flive(root: Path) -> None:
    names = ["voc_emotic_ava/AVA__149.jpg", "blur_dataset/out_of_focus0027.JPG", "EE371R/a.jpg"]
    lines = "".join(f"{name},{mos}\n" for name, mos in zip(names, (72.5, 10, 50), strict=True))
    write(root, "labels_image.csv", f"name,mos\n{lines}")
    write(root, "labels640.csv", f"name_image,mos_image\n{names[0]},72.5\n")
    padded = f"name_image,is_valid\n{names[1]},True\n{names[2]},False\n"
    write(root, "labels=640_padded.csv", padded)
    touch(root, *(f"database/{name}" for name in names))


def agiqa3k(root: Path) -> None:
    write(
        root,
        "data.csv",
        "name,prompt,adj1,adj2,style,mos_quality,std_quality,mos_align,std_align\n"
        "AttnGAN_normal_000.jpg,statue of a man,,,,0.9656,0.2233,0.4089,0.6156\n"
        'sd1.5_lowcorr_001.jpg,"statue of a man",,,,4.4887,1.0,0.4,0.6\n',
    )
    touch(root, "AGIQA-3K/AttnGAN_normal_000.jpg", "AGIQA-3K/sd1.5_lowcorr_001.jpg")


def avt_ai(root: Path) -> None:
    write(
        root,
        "evaluation_quality_appeal/quality.csv",
        "image_key,rating,std,prompt\ncraiyon/p17,2.28,0.98,p17\nown/p17,4.32,0.8,p17\n",
    )
    touch(root, "images/craiyon/p17.png", "images/own/p17.png")


def konvid1k(root: Path) -> None:
    write(root, "KoNViD_1k_mos.csv", '"flickr_id","mos"\n3339962845,4.64\n8536919744.0,1.22\n')
    touch(
        root,
        "KoNViD_1k_videos/3339962845.mp4",
        "KoNViD_1k_videos/8536919744_original_centercrop_960x540_8s.mp4",
    )


def live_vqc(root: Path) -> None:
    labels = {"video_list": cells(["A001.mp4", "B123.mp4"]), "mos": np.array([[80.232], [6.2]])}
    savemat(root / "data.mat", labels)
    touch(root, "Video/A001.mp4", "Video/B123.mp4")


def youtube_ugc(root: Path) -> None:
    lines = [
        ["vid", "category", "resolution", "MOS full", "stdFull"],
        ["Animation_360P-08c9", "Animation", 360, 3.652, 0.456],
        ["Sports_2160P-4e9f", "Sports", 2160, 4.405, 0.4],
    ]
    name = "original_videos_MOS_for_YouTube_UGC_dataset.xlsx"
    write_sheet(root, name, lines, title="MOS")
    touch(
        root,
        "original_videos/Animation/360P/Animation_360P-08c9.mkv",
        "original_videos_h264/Sports_2160P-4e9f_crf_10_ss_00_t_20.0.mp4",
    )


def lsvq(root: Path) -> None:
    head = "name,p1,height,width,mos,frame_number"
    write(
        root,
        "labels_train_test.csv",
        f'{head},is_test,is_valid\nyfcc-batch1/725,"[0, 1]",720,1280,76.84,210,False,True\n'
        'ia-batch2/abc,"[0, 1]",720,1280,2.44,210,True,True\n',
    )
    write(
        root,
        "labels_test_1080p.csv",
        f'{head},is_valid\nyfcc-batch1/717,"[0, 1]",1920,1080,49.6,236,False\n',
    )
    touch(root, "yfcc-batch1/725.mp4", "ia-batch2/abc.mp4", "yfcc-batch1/717.mp4")


def bvi_hd(root: Path) -> None:
    names = [
        "Boxing_1920x1080_30fps_HEVC_QP27",
        "BallUnderWater_1920x1080_60fps_HEVC_SYNTH_QP47",
    ]
    lines = f"{names[0]}.yuv,1.611\n{names[1]}.yuv,38.667\n"
    write(root, "dmos.csv", f"name,dmos\n{lines}")
    touch(root, f"HEVC_YUV/{names[0]}.yuv", f"HEVC_YUV/{names[0]}.mkv", f"{names[1]}.yuv")


def waterloo_ivc_4k(root: Path) -> None:
    write(root, "scores.txt", "HEVC,1,540p,1,18.21\nAV1, 20, 2160p, 4, 97.59\n")
    touch(root, "HEVC/01/960x540_1.mp4", "AV1/20/3840x2160_4.mp4")


def kvq(root: Path) -> None:
    numbers = ("0001", "0007", "0008")
    lines = "".join(f"{number}.mp4,3.5\n" for number in numbers)
    write(root, "train_data.csv", f"filename,score\n{lines}")
    write(root, "test_data.csv", "filename,score\n0001.mp4,4.5\n")
    touch(root, *(f"train_video/{number}.mp4" for number in numbers), "test_video/0001.mp4")


def avt_vqdb_uhd_1(root: Path) -> None:
    names = ("water_netflix_200kbps_360p_59.94fps_h264", "water_netflix_8s_97kbps_360p_30fps_vp9")
    facts = "src,video_name,video_target_bitrate,video_height,video_width,video_bitrate,video_codec"
    for index in range(1, 5):
        name, src = (names[0], "water_netflix") if index == 1 else (names[1], "water_netflix_8s")
        codec = name.rsplit("_", 1)[1]
        labels = f"src,video_name,MOS,CI\n{src},{name}.mp4,{index},0.2\n"
        write(root, f"test_{index}/mos_ci.csv", labels)
        line = f"{src},{name}.mp4,200,360,640,192.51,{codec}"
        write(root, f"test_{index}/metadata.csv", f"{facts}\n{line}\n")
        touch(root, f"test_{index}/segments/{name}.{'mp4' if codec == 'h264' else 'mkv'}")


def cvd2014(root: Path) -> None:
    write(
        root,
        "CVD2014_ratings/Realignment_MOS.csv",
        "Content;File_name;Original MOS;Realignment MOS;;;;\n"
        "City;Test01_City_D01;71,17;67,29;;;;\n"
        "Talking head;Test06_Talking_head_D16;41,34;-6,5;;;;\n;;;;;;;\n",
    )
    touch(root, "Test1/City/Test01_City_D01.avi", "Test6/Talking_head/Test06_Talking_Head_D16.avi")


def live_qualcomm(root: Path) -> None:
    names = ["0723_ManUnderTree_GS5_03.yuv", "0911duckSwim_gs5_20150911.yuv"]
    videos = {
        "vidNames": cells(names),
        "distortionNames": cells(["Artifacts", "Color"]),
        "distortionType": np.array([[1], [2]], dtype=np.uint8),
    }
    opinions = {"unBiasedMOS": np.array([[52.57], [16.56]]), "biasedMOS": np.array([[59.0], [1]])}
    labels = {"qualcommVideoData": videos, "qualcommSubjectiveData": opinions}
    savemat(root / "qualcommSubjectiveData.mat", labels)
    touch(root, f"Artifacts/{names[0]}", "Color/0911duckSwim_gs5_20150911.mp4")


def ladder(root: Path) -> None:
    write(
        root,
        "manifest.csv",
        "content_id,codec,crf,bitrate_kbps,path,vmaf_mean,vmaf_frames,width_px,height_px,fps\n"
        "boat,source,0,52962.5,boat/source.mkv,100.0,100;100,854,480,24.0\n"
        "boat,x264,18,7230.5,boat/x264_crf18.mp4,99.87,100;99,854,480,24.0\n"
        "boat,av1,50,100.5,boat/av1_crf50.mp4,40.0,40;40,854,480,24.0\n",
    )
    touch(root, "boat/source.mkv", "boat/x264_crf18.mp4", "boat/av1_crf50.mp4")


def biq2021(root: Path) -> None:
    write(root, "Train (Images and MOS).csv", "Image Name,MOS,,\nss01 (1).jpg,0.2874,,\n")
    write(root, "Test (Images and MOS).csv", "Image Name,MOS\nss03 (8).jpg,1.0\n")
    touch(root, "Images/ss01 (1).jpg", "Images/ss03(8).JPG")


def csv_set(root: Path) -> None:
    write(root, "manifest.csv", "path,mos,split,mos_std\na.mp4,1,train,0.1\nb.mp4,0,test_1080p,\n")
    touch(root, "a.mp4", "b.mp4")


TREES: dict[str, Callable[[Path], None]] = {
    "live": live,
    "csiq": csiq,
    "tid2013": tid2013,
    "kadid10k": kadid10k,
    "koniq10k": koniq10k,
    "live_challenge": live_challenge,
    "spaq": spaq,
    "flive": flive,
    "biq2021": biq2021,
    "agiqa3k": agiqa3k,
    "avt_ai": avt_ai,
    "konvid1k": konvid1k,
    "live_vqc": live_vqc,
    "youtube_ugc": youtube_ugc,
    "lsvq": lsvq,
    "bvi_hd": bvi_hd,
    "waterloo_ivc_4k": waterloo_ivc_4k,
    "kvq": kvq,
    "avt_vqdb_uhd_1": avt_vqdb_uhd_1,
    "cvd2014": cvd2014,
    "live_qualcomm": live_qualcomm,
    "ladder": ladder,
    "csv": csv_set,
}
"""Name of a data set to what makes its miniature; every file that the labels name is there."""
