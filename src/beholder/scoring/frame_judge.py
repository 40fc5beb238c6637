"""Judges frame by frame, with one network that sees windows of a frame.

Frames are judged and dropped one by one, so memory does not grow with duration.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from beholder.records import Frame, FramePlan, MediaInfo, TimelinePoint
from beholder.sampling import apply, plan_frames, plan_windows
from beholder.scoring.calibration import to_score
from beholder.scoring.damage_map import DamageMap, map_damage
from beholder.scoring.judge import Judgement
from beholder.scoring.network_judge import NetworkJudge
from beholder.scoring.pooling import pool_windows


class FrameJudge(NetworkJudge):
    """A network of single frames: the embedded model, or one that was exported."""

    def plan(self, info: MediaInfo) -> FramePlan:
        """Choose the frames to decode, as the card's view says."""
        return plan_frames(info, self.card.view)

    def judge(self, info: MediaInfo, frames: Iterable[Frame]) -> Judgement:
        """Judge each frame.

        Raises:
            ModelError: The model fails on frames of this size.
        """
        num_frames = len(self.plan(info).times_us)
        points = tuple(
            TimelinePoint(
                time_seconds=frame.time_seconds,
                score=to_score(
                    self._judge_one(frame.pixels, index, num_frames), self.card.calibration
                ),
            )
            for index, frame in enumerate(frames)
        )
        return Judgement(points=points, frames_used=len(points))

    def map_damage(self, pixels: np.ndarray) -> DamageMap:
        """Show where in a picture the network sees damage; see `scoring.damage_map`."""
        slope = 100.0 * self.card.calibration.slope
        return map_damage(
            pixels, self.card.view, run=lambda views: slope * self._backend.run(views)
        )

    def _judge_one(self, pixels: np.ndarray, index: int, num_frames: int) -> float:
        """Return the raw quality of one frame."""
        view = self.card.view
        height_px, width_px, _ = pixels.shape
        windows = plan_windows(height_px, width_px, view, index=index, num_frames=num_frames)
        # Batches over several frames were measured to be no faster, and would hold more memory.
        overview, *details = apply(pixels, windows, view)
        raw = [*self._backend.run(overview[None])]
        if details:
            raw += [*self._backend.run(np.stack(details))]
        return pool_windows([float(value) for value in raw], detail_weight=view.detail_weight)
