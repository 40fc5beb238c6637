from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from beholder import Scorer
from beholder.scoring import self_test
from beholder.scoring.drawn import draw_clip, draw_texture


def test_stored_digits_come_out_here() -> None:
    checks = self_test.run_self_test()
    assert [check.name for check in checks][:3] == [
        "model", "small picture, pixels", "small picture, score",
    ]  # fmt: skip
    assert {check.verdict for check in checks} <= {"same", "rounded"}
    pixels = [check for check in checks if "pixels" in check.name]
    assert all(check.verdict == "same" for check in pixels)


@pytest.mark.parametrize(
    ("shift", "verdict"), [(0.0, "same"), (0.01, "rounded"), (0.02, "rounded"), (0.03, "different")]
)
def test_a_shifted_digit_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path, shift: float, verdict: str
) -> None:
    golden = json.loads(self_test.GOLDEN.read_text("utf-8"))
    golden["samples"]["small picture"]["scores"][1] += shift
    changed = tmp_path / "golden.json"
    changed.write_text(json.dumps(golden), encoding="utf-8")
    monkeypatch.setattr(self_test, "GOLDEN", changed)
    samples = {"small picture": golden["samples"]["small picture"] | {"scores": [_own(golden)] * 2}}
    monkeypatch.setattr(self_test, "measure_samples", lambda _: samples)
    found = {check.name: check.verdict for check in self_test.run_self_test()}
    assert found["small picture, score"] == verdict


def _own(golden: dict) -> float:
    return golden["samples"]["small picture"]["scores"][0]


def test_another_model_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scorer, "model_id", "embedded@000000000000")
    monkeypatch.setattr(self_test, "measure_samples", lambda _: {})
    (check,) = self_test.run_self_test()
    assert (check.name, check.verdict, check.found) == ("model", "different", Scorer.model_id)


def test_drawing_is_the_same_everywhere() -> None:
    texture = draw_texture(60, 70, seed=5)
    assert texture.shape == (60, 70, 3)
    assert texture.std() > 15
    assert hashlib.sha256(texture).hexdigest()[:16] == "2942a075bb0092aa"


def test_clip_pans_and_loses_its_detail() -> None:
    clip = draw_clip(8, 40, 60, seed=1)
    assert clip.shape == (8, 40, 60, 3)
    assert np.array_equal(clip[0][:, 2:], clip[1][:, :-2])
    assert np.array_equal(clip[7][::2], clip[7][1::2])
