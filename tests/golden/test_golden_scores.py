"""Scores of the models in the package may only change on purpose (see regenerate.py)."""

import json

import pytest

from beholder import Scorer
from beholder.cards import ASSETS
from tests.golden.media import MEDIA
from tests.golden.regenerate import golden_file

TOLERANCE = 0.02
"""Points of 100: processors with other vector units round the last digit differently."""


@pytest.fixture(scope="module", params=ASSETS)
def shipped(request):
    return Scorer(request.param), json.loads(golden_file(request.param).read_text("utf-8"))


def test_golden_scores_belong_to_this_model(shipped):
    scorer, golden = shipped
    assert scorer.model_id == golden["model"]
    assert set(golden["scores"]) == set(MEDIA)


@pytest.mark.parametrize("name", sorted(MEDIA))
def test_score_is_what_it_was(shipped, tmp_path, name):
    scorer, golden = shipped
    score = scorer.score(MEDIA[name](tmp_path / "media"))
    assert score.score == pytest.approx(golden["scores"][name]["score"], abs=TOLERANCE)
    timeline = [point.score for point in score.timeline]
    assert timeline == pytest.approx(golden["scores"][name]["timeline"], abs=TOLERANCE)


def test_more_blur_is_worse(shipped, tmp_path):
    scorer, _ = shipped
    points = scorer.score(MEDIA["blurring clip"](tmp_path / "media")).timeline
    assert points[0].score > points[-1].score + 5
