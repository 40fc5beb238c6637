"""What can stand behind a `Scorer`: something that plans frames and judges them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from beholder.cards import ModelCard
from beholder.records import Frame, FramePlan, MediaInfo, TimelinePoint


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What a model says of one file; nothing is rounded yet."""

    points: tuple[TimelinePoint, ...]
    """Scores over time, at least one: of single frames, or one of the whole clip."""
    frames_used: int


class Judge(Protocol):
    """A model with all that it needs; one instance may be used by several threads."""

    @property
    def card(self) -> ModelCard:
        """The facts about the model."""

    @property
    def model_id(self) -> str:
        """The card's name and the first 12 digits of a SHA-256 of the weights."""

    def load(self) -> None:
        """Wait until the weights are loaded; raises `ModelError` where they cannot be."""

    def plan(self, info: MediaInfo) -> FramePlan:
        """Choose the frames to decode."""

    def judge(self, info: MediaInfo, frames: Iterable[Frame]) -> Judgement:
        """Judge the frames of `plan`, in their order."""
