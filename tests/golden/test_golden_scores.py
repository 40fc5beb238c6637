"""Scores of the embedded model may only change on purpose (see regenerate.py)."""

import json
from pathlib import Path

import pytest

from beholder import Scorer
from tests.golden.media import MEDIA

GOLDEN = json.loads((Path(__file__).parent / "scores.json").read_text(encoding="utf-8"))
TOLERANCE = 0.02
"""Points of 100: processors with other vector units round the last digit differently."""


@pytest.fixture(scope="module")
def scorer():
    return Scorer()


def test_golden_scores_belong_to_this_model(scorer):
    assert scorer.model_id == GOLDEN["model"]
    assert set(GOLDEN["scores"]) == set(MEDIA)


@pytest.mark.parametrize("name", sorted(MEDIA))
def test_score_is_what_it_was(scorer, tmp_path, name):
    score = scorer.score(MEDIA[name](tmp_path / "media"))
    assert score.score == pytest.approx(GOLDEN["scores"][name]["score"], abs=TOLERANCE)
    timeline = [point.score for point in score.timeline]
    assert timeline == pytest.approx(GOLDEN["scores"][name]["timeline"], abs=TOLERANCE)


def test_more_blur_is_worse(scorer, tmp_path):
    points = scorer.score(MEDIA["blurring clip"](tmp_path / "media")).timeline
    assert points[0].score > points[-1].score + 5
