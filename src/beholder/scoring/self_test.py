"""Whether this machine gives the digits that ours gave: pixels, then scores, step by step."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from beholder.cards import EMBEDDED
from beholder.scoring.drawn import draw_clip, draw_texture
from beholder.scoring.scorer import Scorer

ASSETS = Path(__file__).parent / "assets"
GOLDEN = ASSETS / "golden.json"
"""The digits, and the model and versions that gave them; `python -m tests.golden.regenerate`."""
CLIP = ASSETS / "golden.mp4"
"""A drawn clip as H.264, whose decoding is defined to the last bit."""
FPS = 12.0
ROUNDING_POINTS = 0.02
"""Processors with other vector units may round the last digit of a score differently."""

Verdict = Literal["same", "rounded", "different"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One step of the self-test."""

    name: str
    verdict: Verdict
    """`rounded`: apart by at most `ROUNDING_POINTS`."""
    found: str
    expected: str


def measure_samples(scorer: Scorer) -> dict[str, dict[str, Any]]:
    """Score every sample; gives what `GOLDEN` holds under `samples`."""
    return {name: measure(scorer) for name, measure in _SAMPLES.items()}


def run_self_test() -> list[Check]:
    """Score the samples with the embedded model and compare with the stored digits.

    Raises:
        ModelError: The embedded model is missing or broken.
        MediaError: The stored clip cannot be decoded.
    """
    golden = json.loads(GOLDEN.read_text("utf-8"))
    scorer = Scorer(EMBEDDED)
    checks = [_compare("model", scorer.model_id, golden["model"])]
    for name, found in measure_samples(scorer).items():
        expected = golden["samples"][name]
        checks.append(_compare(f"{name}, pixels", found["pixels"], expected["pixels"]))
        checks.append(_compare_scores(f"{name}, score", found["scores"], expected["scores"]))
    return checks


def _score_drawn(scorer: Scorer, *, frames: Callable[[], np.ndarray]) -> dict[str, Any]:
    drawn = frames()
    score = scorer.score_frames(drawn, fps=FPS)
    return {"pixels": _digest(drawn), "scores": [score.score, *_curve(score.timeline)]}


def _score_file(scorer: Scorer) -> dict[str, Any]:
    from beholder.media import decode, probe
    from beholder.records import FramePlan

    info = probe(CLIP)
    times = range(0, int((info.duration_seconds or 0) * 1e6), 250_000)
    frames = [frame.pixels for frame in decode(info, FramePlan(times_us=tuple(times)))]
    score = scorer.score(CLIP)
    return {"pixels": _digest(np.stack(frames)), "scores": [score.score, *_curve(score.timeline)]}


_SAMPLES: dict[str, Callable[[Scorer], dict[str, Any]]] = {
    "small picture": partial(_score_drawn, frames=lambda: draw_texture(240, 320, seed=1)[None]),
    "large picture": partial(_score_drawn, frames=lambda: draw_texture(720, 960, seed=2)[None]),
    "drawn clip": partial(_score_drawn, frames=lambda: draw_clip(24, 180, 320, seed=3)),
    "H.264 file": _score_file,
}


def _curve(timeline: Any) -> list[float]:
    return [point.score for point in timeline]


def _digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(pixels.tobytes()).hexdigest()[:16]


def _compare(name: str, found: str, expected: str) -> Check:
    verdict: Verdict = "same" if found == expected else "different"
    return Check(name=name, verdict=verdict, found=found, expected=expected)


def _compare_scores(name: str, found: list[float], expected: list[float]) -> Check:
    apart = (
        max(abs(a - b) for a, b in zip(found, expected, strict=True))
        if len(found) == len(expected)
        else float("inf")
    )
    verdict: Verdict = "same" if apart == 0 else "different"
    if 0 < apart <= ROUNDING_POINTS + 1e-9:
        verdict = "rounded"
    # The file's score comes first; its looks follow.
    return Check(name=name, verdict=verdict, found=f"{found[0]:.2f}", expected=f"{expected[0]:.2f}")
