"""From many judgements to one: windows to a frame, frames to a file."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean


def pool_windows(raw: Sequence[float], *, detail_weight: float) -> float:
    """Combine the raw outputs of one frame's windows.

    Args:
        raw: The overview's output, then those of the details; a single value stands for itself.
        detail_weight: Share of the details' mean, 0..1; the overview has the rest.
    """
    overview, *details = raw
    if not details:
        return overview
    return (1.0 - detail_weight) * overview + detail_weight * fmean(details)


def pool_frames(scores: Sequence[float]) -> float:
    """Combine the scores of a video's frames by their harmonic mean.

    Viewers remember the bad moments: the harmonic mean lies below the mean the more the scores
    vary, yet unlike the minimum it is not decided by one frame. One is added to each score first,
    so that a score of 0 is allowed.

    Args:
        scores: 0..100, at least one.

    Source:
        libvmaf (Netflix), pooling method `harmonic_mean`: n / sum(1 / (score + 1)) - 1.
    """
    return len(scores) / sum(1.0 / (score + 1.0) for score in scores) - 1.0
