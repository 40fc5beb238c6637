"""Judges a clip as a whole, with one network that sees a window of each of its frames together.

The card of such a network has `task` video, and a view with as many `max_frames` as it takes.

Axis letters: B sequences, T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from beholder.records import Frame, FramePlan, MediaInfo, TimelinePoint, ViewSpec
from beholder.sampling import apply, plan_windows, spread_times
from beholder.scoring.calibration import to_score
from beholder.scoring.judge import Judgement
from beholder.scoring.network_judge import NetworkJudge
from beholder.scoring.onnx_card import card_inside


class SequenceJudge(NetworkJudge):
    """A network of whole clips that was exported."""

    def plan(self, info: MediaInfo) -> FramePlan:
        """Choose the frames to decode: as many as the network takes, or all of a shorter clip."""
        times = spread_times(info, self.card.view.max_frames)
        return FramePlan(times_us=tuple(dict.fromkeys(times)))

    def judge(self, info: MediaInfo, frames: Iterable[Frame]) -> Judgement:
        """Judge the clip as one; the timeline is a single point at its first frame.

        Raises:
            ModelError: The model fails on this clip.
        """
        view = self.card.view
        plan = self.plan(info)
        times = spread_times(info, view.max_frames)
        views = sequence_views(frames, [plan.times_us.index(time) for time in times], view)
        # The file takes one sequence at a time.
        raw = float(np.mean([self._backend.run(sequence[None]) for sequence in views]))
        score = to_score(raw, self.card.calibration)
        point = TimelinePoint(time_seconds=plan.times_us[0] / 1e6, score=score)
        return Judgement(points=(point,), frames_used=len(plan.times_us))


def judges_clips(model: bytes) -> bool:
    """Tell whether a file holds a network of whole clips; raises `ModelError` without a card."""
    return card_inside(model).task == "video"


def sequence_views(frames: Iterable[Frame], places: Sequence[int], view: ViewSpec) -> np.ndarray:
    """Cut the windows of a clip's frames, each frame as soon as it comes.

    A frame that a short clip shows several times, as a still does, is cut at other places each.

    Args:
        frames: The different frames of the clip, in order.
        places: Which of them stands at each of T moments, at least 2; never falls.
        view: How the network looks at a frame: `frame_details` windows, or the whole of a frame
            that is too small for them. All are of one size.

    Returns:
        float32 [B, T, 3, H, W]: a sequence for each window of a frame.
    """
    cut: list[list[np.ndarray]] = []
    for number, frame in enumerate(frames):
        height_px, width_px, _ = frame.pixels.shape
        for index in (i for i, place in enumerate(places) if place == number):
            windows = plan_windows(height_px, width_px, view, index=index, num_frames=len(places))
            cut.append(apply(frame.pixels, windows[1:] or windows, view))
    return np.stack([np.stack(moment) for moment in cut], axis=1)
