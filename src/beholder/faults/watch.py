"""Watches the frames on their way to the model and tells which faults they have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from beholder.faults.luma import cut_tiles
from beholder.faults.motion import STILL_LEVELS, find_repeats, measure_change
from beholder.faults.neighbours import plan_neighbours
from beholder.faults.picture import measure_picture
from beholder.faults.summary import Look, summarise_faults
from beholder.records import Fault, Frame, FramePlan, MediaInfo


@dataclass(slots=True)
class _Run:
    """A look and the frames right after it."""

    time_seconds: float
    figures: dict[str, float]
    first: np.ndarray
    last: np.ndarray
    last_time_seconds: float
    changes: list[float] = field(default_factory=list)


class FaultWatch:
    """Measures faults of one file; made for one pass over its frames."""

    def __init__(self, plan: FramePlan, info: MediaInfo) -> None:
        """Prepare.

        Args:
            plan: The frames that the model looks at.
            info: What the file holds.
        """
        self._info = info
        self._is_video = info.kind == "video"
        self._looks: list[Look] = []
        self._wide, self._numbers = plan_neighbours(plan, info)

    @property
    def plan(self) -> FramePlan:
        """What to decode: the model's frames, and of a video some right after them."""
        return self._wide

    def tap(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Measure the frames of `plan` and pass on those that the model looks at."""
        run: _Run | None = None
        current = -1
        for number, frame in zip(self._numbers, frames, strict=True):
            tiles = cut_tiles(frame.pixels)
            if number == current and run is not None:
                _add(run, frame, tiles)
                continue
            self._close(run, after=tiles)
            current = number
            run = _Run(
                time_seconds=frame.time_seconds,
                figures=measure_picture(frame.pixels),
                first=tiles,
                last=tiles,
                last_time_seconds=frame.time_seconds,
            )
            yield frame
        self._close(run, after=None)

    def faults(self) -> tuple[Fault, ...]:
        """Return every fault that could be measured, named or not, after the last frame."""
        return summarise_faults(self._looks, duration_seconds=self._info.duration_seconds)

    def _close(self, run: _Run | None, *, after: np.ndarray | None) -> None:
        """Note a look; `after` are the tiles of the next one."""
        if run is None:
            return
        figures = run.figures
        # A black picture that stays black is not frozen as well.
        if self._is_video and after is not None and "blur" in figures:
            figures["frozen"] = 100.0 * (measure_change(run.first, after) < STILL_LEVELS)
        repeats = find_repeats(run.changes)
        if repeats is not None:
            figures["duplicated"] = 100.0 * repeats / len(run.changes)
        self._looks.append(Look(time_seconds=run.time_seconds, figures=figures))


def _add(run: _Run, frame: Frame, tiles: np.ndarray) -> None:
    """Compare a neighbour with the frame before it."""
    # A frame that stays on screen for longer is one frame, not two that are equal.
    if frame.time_seconds > run.last_time_seconds:
        run.changes.append(measure_change(run.last, tiles))
        run.last, run.last_time_seconds = tiles, frame.time_seconds
