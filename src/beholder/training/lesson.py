"""A student with its teacher: both look at the same clips.

Axis letters: B clips, T frames, S side of a view, D features.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from beholder.models.internvqa import InternVqa


class Seen(NamedTuple):
    """What both say of a batch."""

    student_features: Tensor
    """[B, D], as is the teacher's."""
    student_quality: Tensor
    """[B], as is the teacher's."""
    teacher_features: Tensor
    teacher_quality: Tensor | None
    """None where the teacher does not learn."""


class Lesson(nn.Module):
    """The module that is trained; only its `student` is averaged, judged and kept."""

    def __init__(self, student: InternVqa, teacher: InternVqa | None) -> None:
        """Put both together.

        Args:
            student: All of it learns.
            teacher: The part of it that asks for gradients learns; None where its features come
                with the batches.
        """
        super().__init__()
        self.student = student
        self.teacher = teacher
        self._teacher_learns = teacher is not None and any(
            p.requires_grad for p in teacher.parameters()
        )

    def train(self, mode: bool = True) -> Lesson:
        """Set the mode; a teacher that does not learn stays as it is in use."""
        super().train(mode)
        if self.teacher is not None and not self._teacher_learns:
            self.teacher.eval()
        return self

    def forward(self, views: Tensor, known: Tensor | None) -> Seen:
        """Look at clips.

        Args:
            views: [B, T, 3, S, S].
            known: The teacher's features [B, D] where there is no teacher.
        """
        features = self.student.features(views)
        quality = self.student.head(features)[:, 0]
        if self.teacher is None:
            if known is None:
                raise TypeError("expected the teacher's features with the batch, found none")
            return Seen(features, quality, known, None)
        if not self._teacher_learns:
            with torch.no_grad():
                return Seen(features, quality, self.teacher.features(views), None)
        taught = self.teacher.features(views)
        return Seen(features, quality, taught, self.teacher.head(taught)[:, 0])


def kept_part(model: nn.Module) -> nn.Module:
    """Return what of a trained module is averaged, judged and kept."""
    return model.student if isinstance(model, Lesson) else model
