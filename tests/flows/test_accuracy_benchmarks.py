"""The scripts behind the accuracy table run on small data and count the right items."""

import ast
import subprocess
import sys

import pytest

from beholder.ladders.manifest import SOURCE, Rung, append_rungs
from tests.house.repository import ROOT
from tests.media_factory import make_image, make_video, numbered_picture
from tests.model_factory import make_model


@pytest.fixture
def model(tmp_path):
    return make_model(tmp_path / "model.onnx")


def _run(module, *arguments):
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def _picture(shade):
    # Each with a contrast of its own, so that no two scores are equal.
    picture = numbered_picture(shade)
    return (picture // (1 + shade % 7)).astype("uint8")


def test_biq2021_counts_all_subsets_and_clean(tmp_path, model):
    images = tmp_path / "Images"
    images.mkdir()
    test = [f"ss0{1 + index % 3} ({index}).jpg" for index in range(18)]
    lines = ["Image Name,MOS"]
    groups = ["file,split,group", "ss01 (99).jpg,train,0"]
    for index, name in enumerate(test):
        make_image(images / name, _picture(index))
        lines.append(f"{name},{index / 20}")
        groups.append(f"{name},test,{index}")
    make_image(images / "ss01 (99).jpg", _picture(99))
    (tmp_path / "Test (Images and MOS).csv").write_text("\n".join(lines))
    (tmp_path / "Train (Images and MOS).csv").write_text("Image Name,MOS,,\nss01 (99).jpg,0.5,,")
    (tmp_path / "groups.csv").write_text("\n".join(groups))
    options = ["--groups", tmp_path / "groups.csv", "--model", model, "--limit", 18]
    said = _run("accuracy_biq2021", tmp_path, *options)
    counts = {
        line.split(" {")[0]: int(line.split("'num_items': ")[1].split(",")[0]) for line in said
    }
    # The first test image shares the group of the training image.
    assert counts == {
        "all": 18,
        "ss01": 6,
        "ss02": 6,
        "ss03": 6,
        "clean": 17,
        "clean ss01": 5,
        "clean ss02": 6,
        "clean ss03": 6,
    }


def test_ladders_count_codecs_apart_and_leave_the_source_out(tmp_path, model):
    rungs = [_rung(tmp_path, codec, crf) for codec in ("h264", "vp9") for crf in (10, 30, 51)]
    append_rungs(tmp_path, [_rung(tmp_path, SOURCE, 0), *rungs])
    said = _run("accuracy_ladders", tmp_path, "--model", model, "--limit", 1)
    assert [line.split(" ")[0] for line in said] == ["h264", "vp9", "all"]
    assert all("'num_contents': 1" in line for line in said)


def test_knees_are_counted_for_each_floor(tmp_path, model):
    append_rungs(tmp_path, [_rung(tmp_path, c, r) for c in ("h264", "vp9") for r in (10, 30, 51)])
    (said,) = _run("ladder_knee", tmp_path, "--model", model, "--limit", 1)
    found = ast.literal_eval(said[said.index("{") :])
    assert found["num_contents"] == 1
    # Both codecs hold the same pictures: VMAF of 70, 75, 80, 85 and 90 lies between two rungs.
    assert (found["floor"]["points"], found["floor"]["num_pairs"]) == (0, 5)
    assert {name: knees["num_knees"] for name, knees in found["knees"].items()} == {
        "in_use": 2,
        "frames_alone": 2,
        "interval_of_a_score": 2,
    }


def _rung(folder, codec, crf):
    path = make_video(folder / f"{codec}-{crf}.mp4", num_frames=2, options={"crf": str(crf)})
    return Rung(
        content_id="numbers",
        codec=codec,
        crf=crf,
        bitrate_kbps=1.0,
        path=path.name,
        vmaf_mean=100.0 - crf,
        vmaf_frames=(100.0 - crf,) * 2,
        width_px=128,
        height_px=96,
        fps=30.0,
        num_frames=2,
        size_bytes=8,
    )
