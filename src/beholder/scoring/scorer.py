"""The door of scoring: a path or an array goes in, a `Score` comes out."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from beholder.cards import EMBEDDED, ModelCard
from beholder.errors import UsageError
from beholder.records import Frame, FramePlan, MediaInfo, Score
from beholder.scoring.arrays import describe_frames, pick_frames
from beholder.scoring.damage_map import DamageMap
from beholder.scoring.frame_judge import FrameJudge
from beholder.scoring.judge import Judge
from beholder.scoring.prefetch import prefetch
from beholder.scoring.sequence_judge import SequenceJudge, judges_clips
from beholder.scoring.summary import summarise
from beholder.scoring.weights import read_model

if TYPE_CHECKING:
    from beholder.faults import FaultWatch

OnFrame = Callable[[int, int], None]
"""Takes the number of frames judged so far and their total."""


class Scorer:
    """Scores images and videos with one model; one instance may be used by several threads.

    Example:
        >>> from beholder import Scorer
        >>> scorer = Scorer()
        >>> scorer.score("clip.mp4").word  # doctest: +SKIP
        'good'
    """

    def __init__(self, model: str | os.PathLike[str] = EMBEDDED) -> None:
        """Load a model.

        Args:
            model: A name from `beholder models`, the path of an exported ONNX file, or the folder
                of a run on frozen models.

        Raises:
            UnknownName: Neither a model of that name nor a file at that path.
            ModelError: The file or folder is not one of Beholder's models.
            MissingExtra: A run needs packages that the core install does not bring.
        """
        self._judge = _load_judge(model)

    @property
    def card(self) -> ModelCard:
        """The facts about the model: preprocessing, calibration, licence, accuracy."""
        return self._judge.card

    @property
    def model_id(self) -> str:
        """Name of the model and the first 12 digits of its file's SHA-256."""
        return self._judge.model_id

    def load(self) -> None:
        """Wait until the weights are loaded, which otherwise ends beside the first decoding.

        Raises:
            ModelError: They cannot be loaded.
        """
        self._judge.load()

    def score(
        self,
        path: str | os.PathLike[str],
        *,
        shown_px: tuple[int, int] | None = None,
        on_frame: OnFrame | None = None,
        faults: bool = False,
    ) -> Score:
        """Score an image or a video file.

        Frames are decoded, judged and dropped one by one, so memory does not grow with duration;
        the next frame is decoded while the network looks at this one.

        Args:
            path: Any still or video that FFmpeg reads.
            shown_px: (width, height) to which a player stretches the picture, e.g. that of the
                source of a smaller encode; None for the file's own.
            on_frame: Told before each frame how many were judged and how many there will be.
            faults: Measure named faults too; takes longer and changes no digit of the score.

        Raises:
            MediaError: The file cannot be scored; the subclass and the text say why.
            ModelError: The model fails on frames of this size.
        """
        # PyAV is needed for files only.
        from beholder.media import decode, probe

        info = probe(path)
        if shown_px is not None:
            info = dataclasses.replace(info, width_px=shown_px[0], height_px=shown_px[1])
        plan = self._judge.plan(info)
        watch = _watch(plan, info) if faults else None
        frames = decode(info, plan) if watch is None else watch.tap(decode(info, watch.plan))
        frames = prefetch(frames)
        if on_frame is not None:
            frames = _tell(frames, on_frame, total=len(plan.times_us))
        return self._score_stream(info, frames, watch)

    def score_frames(self, frames: np.ndarray, *, fps: float, faults: bool = False) -> Score:
        """Score frames in memory; gives what a lossless file of these frames would get.

        Args:
            frames: uint8 [frames, height, width, 3], RGB, full range; one frame is an image.
            fps: Frames per second, above 0.
            faults: Measure named faults too.

        Raises:
            UsageError: Another type or shape, or `fps` is not a positive number.
        """
        info = describe_frames(frames, fps=fps)
        plan = self._judge.plan(info)
        watch = _watch(plan, info) if faults else None
        frames_seen = pick_frames(frames, watch.plan if watch else plan, fps=fps)
        return self._score_stream(info, watch.tap(frames_seen) if watch else frames_seen, watch)

    def map_damage(self, pixels: np.ndarray) -> DamageMap:
        """Show where in a picture the model sees damage.

        Args:
            pixels: uint8 [height, width, 3], RGB.

        Raises:
            UsageError: The model judges whole clips, or the picture is smaller than a window.
        """
        if not isinstance(self._judge, FrameJudge):
            raise UsageError(
                f"expected a model of single frames to map damage with, found {self.model_id}; "
                "take the embedded model"
            )
        return self._judge.map_damage(pixels)

    def _score_stream(
        self, info: MediaInfo, frames: Iterable[Frame], watch: FaultWatch | None
    ) -> Score:
        judgement = self._judge.judge(info, frames)
        calibration = self.card.calibration
        score = summarise(info, judgement, calibration=calibration, model_id=self.model_id)
        return score if watch is None else dataclasses.replace(score, faults=watch.faults())


def _watch(plan: FramePlan, info: MediaInfo) -> FaultWatch:
    # Faults are asked for now and then; a score alone should not wait for their import.
    from beholder.faults import FaultWatch

    return FaultWatch(plan, info)


def _tell(frames: Iterable[Frame], on_frame: OnFrame, *, total: int) -> Iterator[Frame]:
    for judged, frame in enumerate(frames):
        on_frame(judged, total)
        yield frame


def _load_judge(model: str | os.PathLike[str]) -> Judge:
    path = Path(model)
    if not path.is_dir():
        content = read_model(model)
        return (SequenceJudge if judges_clips(content) else FrameJudge)(content)
    # The pool of frozen models is needed for runs only.
    from beholder.scoring.clip_judge import ClipJudge

    return ClipJudge(path)
