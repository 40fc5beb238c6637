"""Makes scores out of the scores of their frames."""

from __future__ import annotations

from collections.abc import Sequence

from beholder.records import Score, TimelinePoint
from beholder.scoring.calibration import to_word
from beholder.scoring.pooling import pool_frames


def make_score(frames: Sequence[float], *, path: str = "a.mp4") -> Score:
    """Pool the scores of frames as the scorer does, without rounding."""
    score = pool_frames(frames)
    return Score(
        path=path,
        kind="video",
        score=score,
        interval=(max(score - 10, 0), min(score + 10, 100)),
        word=to_word(score),
        model="m@0",
        frames_used=len(frames),
        width_px=64,
        height_px=48,
        duration_seconds=1.0,
        fps=25.0,
        timeline=tuple(
            TimelinePoint(time_seconds=index / 25, score=value)
            for index, value in enumerate(frames)
        ),
    )
