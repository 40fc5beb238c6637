"""Puts a `Score` together; all rounding happens here, and only here."""

from __future__ import annotations

from beholder.cards import Calibration
from beholder.records import MediaInfo, Score, TimelinePoint
from beholder.scoring.calibration import to_interval, to_word
from beholder.scoring.judge import Judgement
from beholder.scoring.pooling import pool_frames

_SCORE_DIGITS = 2
_TIME_DIGITS = 3


def summarise(
    info: MediaInfo, judgement: Judgement, *, calibration: Calibration, model_id: str
) -> Score:
    """Pool the scores of the frames and round everything once.

    The word is that of the rounded score, so that what is shown never contradicts itself.

    Args:
        info: What was scored.
        judgement: Unrounded scores over time, at least one.
        calibration: Gives the interval.
        model_id: Name and hash of the model.
    """
    pooled = pool_frames([point.score for point in judgement.points])
    low, high = to_interval(pooled, calibration)
    score = _round_score(pooled)
    return Score(
        path=info.path,
        kind=info.kind,
        score=score,
        interval=(_round_score(low), _round_score(high)),
        word=to_word(score),
        model=model_id,
        frames_used=judgement.frames_used,
        width_px=info.width_px,
        height_px=info.height_px,
        duration_seconds=_round_time(info.duration_seconds),
        fps=_round_time(info.fps),
        timeline=tuple(_round_point(point) for point in judgement.points),
        notes=info.notes,
    )


def _round_score(value: float) -> float:
    # The arithmetic of pooling can leave -1e-15 where 0 is meant; adding 0.0 turns -0.0 into 0.0.
    return round(value, _SCORE_DIGITS) + 0.0


def _round_time(value: float | None) -> float | None:
    return None if value is None else round(value, _TIME_DIGITS) + 0.0


def _round_point(point: TimelinePoint) -> TimelinePoint:
    return TimelinePoint(
        time_seconds=round(point.time_seconds, _TIME_DIGITS) + 0.0,
        score=_round_score(point.score),
    )
