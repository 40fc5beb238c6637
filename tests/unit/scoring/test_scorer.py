from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import beholder
from beholder import Score, Scorer
from beholder.errors import NotFound, UsageError
from tests.media_factory import make_image, make_video
from tests.model_factory import make_model


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return Scorer(make_model(tmp_path_factory.mktemp("model") / "m.onnx"))


def _stripes(width: int, strength: int, height: int = 240) -> np.ndarray:
    picture = np.full((height, width, 3), 100, np.uint8)
    picture[:, ::2] += np.uint8(strength)
    return picture


def test_picture_is_a_clip_of_one_frame(scorer: Scorer, tmp_path: Path) -> None:
    picture = _stripes(320, 32)
    score = scorer.score(make_image(tmp_path / "p.png", picture))
    # Differences of 32 levels, divided by the deviations 128, 64, 32 of the tests' spec.
    raw = (32 / 128 + 32 / 64 + 32 / 32) / 3
    assert score.kind == "image"
    assert score.score == 100.0 == round(min(100 * (2 * raw + 0.05), 100), 2)
    assert score.frames_used == 1
    assert (score.width_px, score.height_px) == (320, 240)
    assert (score.fps, score.duration_seconds) == (None, None)
    assert [point.time_seconds for point in score.timeline] == [0.0]


def test_figures_are_rounded_once(scorer: Scorer) -> None:
    score = scorer.score_frames(_stripes(320, 3)[None], fps=25.0)
    raw = (3 / 128 + 3 / 64 + 3 / 32) / 3
    assert score.score == round(100 * (2 * raw + 0.05), 2) == 15.94
    assert score.interval == (3.59, 28.28)
    assert score.word == "bad"
    assert score.timeline[0].score == 15.94


def test_video_file_equals_its_frames(scorer: Scorer, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    frames = rng.integers(100, 105 + np.arange(30)[:, None, None, None], (30, 96, 128, 3), np.uint8)
    path = make_video(
        tmp_path / "v.mkv", codec="ffv1", pixel_format="bgr0", fps=10, num_frames=30,
        pictures=frames,
    )  # fmt: skip
    from_file, from_array = scorer.score(path), scorer.score_frames(frames, fps=10)
    assert from_file.kind == "video"
    assert from_file.frames_used == 8
    assert from_file.score == from_array.score
    assert from_file.timeline == from_array.timeline
    assert from_file.duration_seconds == 3.0
    times = [point.time_seconds for point in from_file.timeline]
    assert times == sorted(set(times))
    scores = [point.score for point in from_file.timeline]
    assert scores == sorted(scores)
    assert min(scores) < from_file.score < max(scores)


def test_large_frames_mix_overview_and_details(scorer: Scorer) -> None:
    fine = _stripes(1280, 20, height=480)
    score = scorer.score_frames(fine[None], fps=25.0)
    details = 100 * (2 * (20 / 128 + 20 / 64 + 20 / 32) / 3 + 0.05)
    # The stripes vanish in the overview, which then counts with its half of the weight.
    assert score.score == pytest.approx((5 + details) / 2, abs=1.0)


def test_missing_file_is_an_error(scorer: Scorer, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        scorer.score(tmp_path / "none.mp4")


@pytest.mark.parametrize(
    ("frames", "fps", "match"),
    [
        (np.zeros((2, 8, 8, 3), np.float32), 25.0, "found float32"),
        (np.zeros((8, 8, 3), np.uint8), 25.0, r"found uint8 \[8, 8, 3\]"),
        (np.zeros((0, 8, 8, 3), np.uint8), 25.0, "at least one"),
        (np.zeros((2, 8, 8, 3), np.uint8), 0.0, "fps above 0, found 0.0"),
        (np.zeros((2, 8, 8, 3), np.uint8), float("nan"), "found nan"),
    ],
)
def test_other_arrays_are_refused(
    scorer: Scorer, frames: np.ndarray, fps: float, match: str
) -> None:
    with pytest.raises(UsageError, match=match):
        scorer.score_frames(frames, fps=fps)


def test_public_names_are_lazy() -> None:
    assert beholder.Score is Score
    assert beholder.__version__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = beholder.nothing
    code = "import beholder, json, sys; print(json.dumps(list(sys.modules)))"
    loaded = json.loads(subprocess.check_output([sys.executable, "-c", code]))
    assert not {"numpy", "av", "onnxruntime", "torch", "scipy", "typer"} & set(loaded)


def test_faults_change_no_digit_of_the_score(scorer: Scorer, tmp_path: Path) -> None:
    path = make_video(tmp_path / "v.mp4", num_frames=60)
    plain, watched = scorer.score(path), scorer.score(path, faults=True)
    assert plain.faults is None
    assert watched.faults
    assert dataclasses.replace(watched, faults=None) == plain


def test_faults_of_a_file_equal_those_of_its_frames(scorer: Scorer, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    frames = rng.integers(0, 60, (40, 96, 128, 3)).astype(np.uint8)
    frames[20:] = frames[20]
    path = make_video(
        tmp_path / "v.mkv", codec="ffv1", pixel_format="bgr0", fps=10, num_frames=40,
        pictures=frames,
    )  # fmt: skip
    of_file = scorer.score(path, faults=True).faults
    assert of_file == scorer.score_frames(frames, fps=10, faults=True).faults
    assert {fault.name for fault in of_file or () if fault.named} >= {"noise", "frozen"}
