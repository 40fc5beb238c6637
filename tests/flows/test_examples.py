"""The examples run and say what they promise."""

import subprocess
import sys

import numpy as np
import pytest

from tests.house.repository import ROOT
from tests.media_factory import make_image, make_video


def _run(name, *arguments):
    command = [sys.executable, str(ROOT / "examples" / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_score_files_goes_on_after_a_broken_one(tmp_path):
    (tmp_path / "empty.mp4").touch()
    clip = make_video(tmp_path / "clip.mp4")
    photo = make_image(tmp_path / "photo.png")
    said = _run("score_files.py", tmp_path / "empty.mp4", clip, photo)
    assert len(said) == 3
    assert "empty_file" in said[0]
    assert all(" to " in line for line in said[1:])


def test_pick_bitrate_scores_every_rung(tmp_path):
    said = _run("pick_bitrate.py", make_video(tmp_path / "clip.mp4", num_frames=12))
    assert [line.split()[0] for line in said[:5]] == ["4000", "2000", "1000", "500", "250"]
    assert said[5].startswith("lowest rate with at least 60: ")


def test_judge_a_model_prints_figures_with_intervals(tmp_path):
    generator = np.random.default_rng(0)
    mos = generator.uniform(1, 5, 60)
    predicted = mos + generator.normal(0, 0.5, 60)
    lines = [f"{p},{m},scene{i % 6}" for i, (p, m) in enumerate(zip(predicted, mos, strict=True))]
    table = tmp_path / "predictions.csv"
    table.write_text("\n".join(["predicted,mos,content", *lines]))
    said = _run("judge_a_model.py", table)
    assert said[0].startswith("60 items")
    names = [line.split(" ")[0].rstrip(",") for line in said[1:]]
    assert names == ["SRCC", "KRCC", "PLCC", "RMSE", "SRCC"]
    assert all(" to " in line for line in said[1:5])


def test_scan_orders_draws_a_picture(tmp_path):
    pytest.importorskip("torch")
    picture = tmp_path / "orders.png"
    assert _run("scan_orders.py", picture) == [f"4 orders of 196 tokens: {picture}"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_every_example_is_run_here_and_listed():
    names = sorted(path.name for path in (ROOT / "examples").glob("*.py"))
    listed = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert names == ["judge_a_model.py", "pick_bitrate.py", "scan_orders.py", "score_files.py"]
    assert all(f"]({name})" in listed for name in names)
