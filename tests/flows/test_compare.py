"""`beholder compare`."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.flows.conftest import Outcome, Run
from tests.media_factory import make_image, make_video


def _clip(name: str, *, contrast: int, size: tuple[int, int] = (96, 128), seconds: int = 2) -> None:
    """The model of the tests scores the differences between neighbours."""
    pictures = []
    for number in range(10 * seconds):
        picture = np.full((*size, 3), 100 + number % 2, np.uint8)
        picture[:, ::2] += np.uint8(contrast)
        pictures.append(picture)
    make_video(
        name, codec="ffv1", pixel_format="bgr0", fps=10, pictures=pictures,
        num_frames=len(pictures), width=size[1], height=size[0],
    )  # fmt: skip


@pytest.fixture
def compare(run: Run) -> Run:
    def call(*arguments: str) -> Outcome:
        return run("compare", *arguments, "--model", "../m.onnx")

    return call


def test_worse_ends_with_3_and_better_with_0(compare: Run) -> None:
    _clip("good.mkv", contrast=10)
    _clip("bad.mkv", contrast=5)
    worse = compare("good.mkv", "bad.mkv", "--format", "json")
    better = compare("bad.mkv", "good.mkv", "--format", "json")
    same = compare("good.mkv", "good.mkv", "--format", "json")
    assert [outcome.code for outcome in (worse, better, same)] == [3, 0, 0]
    documents = [json.loads(outcome.out) for outcome in (worse, better, same)]
    verdicts = [document["verdict"] for document in documents]
    assert verdicts == ["worse", "better", "no difference"]
    assert documents[0]["gap"] == -documents[1]["gap"] < -3.0


def test_floor_decides_what_is_sure(compare: Run) -> None:
    _clip("a.mkv", contrast=10)
    _clip("b.mkv", contrast=9)
    assert compare("a.mkv", "b.mkv", "--floor", "0").code == 3
    assert compare("a.mkv", "b.mkv", "--floor", "40").code == 0


def test_smaller_version_is_judged_at_the_size_of_the_larger(compare: Run) -> None:
    _clip("large.mkv", contrast=10)
    _clip("small.mkv", contrast=10, size=(48, 64))
    outcome = compare("small.mkv", "large.mkv")
    assert b"Note: both are judged at 128 x 96" in outcome.out
    assert outcome.out.count(b"128 x 96") == 3


def test_other_shapes_are_judged_as_they_are(compare: Run) -> None:
    _clip("wide.mkv", contrast=10)
    _clip("square.mkv", contrast=10, size=(96, 96))
    outcome = compare("wide.mkv", "square.mkv")
    assert b"shapes differ: each is judged in its own size" in outcome.out
    assert b"96 x 96" in outcome.out


def test_pictures_are_compared_too(compare: Run) -> None:
    make_image("a.png", (96, 64))
    outcome = compare("a.png", "a.png")
    assert outcome.code == 0
    assert b"+0.00 \xc2\xb1 3.00 points" in outcome.out
    assert b"moment" not in outcome.out


def test_clips_of_other_length_are_an_error(compare: Run) -> None:
    _clip("a.mkv", contrast=10)
    _clip("b.mkv", contrast=10, seconds=4)
    outcome = compare("a.mkv", "b.mkv")
    assert outcome.code == 1
    assert "expected two versions of one clip" in outcome.err


def test_missing_file_is_an_error_and_leaves_no_output(compare: Run) -> None:
    _clip("a.mkv", contrast=10)
    outcome = compare("a.mkv", "none.mkv", "--output", "gap.json", "--format", "json")
    assert outcome.code == 1
    assert "not_found" in outcome.err
