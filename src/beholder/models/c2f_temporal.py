"""From the features of a clip's frames to one feature of the clip.

Yu et al. (DCC 2024) say: a light transformer over frame features. Its sizes, the token that gathers
the clip and the learned places are ours. The mean is the baseline.

Axis letters: B clips, T frames, D features.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from beholder.models.c2f_attention import FusionLayer

Fusion = Literal["transformer", "mean"]

WIDTH = 256
"""Features of a clip."""

_LAYERS, _HEADS, _HIDDEN, _DROPOUT = 2, 4, 512, 0.1


class MeanOverTime(nn.Module):
    """The baseline: every frame counts the same, their order does not count."""

    def __init__(self, frame_features: int) -> None:
        super().__init__()
        self.project = nn.Linear(frame_features, WIDTH)

    def forward(self, frames: Tensor) -> Tensor:
        """Map frame features [B, T, D] to clip features [B, WIDTH]."""
        mean: Tensor = self.project(frames).mean(1)
        return mean


class TemporalTransformer(nn.Module):
    """Frames look at each other; a learned token gathers what they say of the clip."""

    def __init__(self, frame_features: int, num_frames: int) -> None:
        super().__init__()
        self.project = nn.Linear(frame_features, WIDTH)
        self.gather = nn.Parameter(torch.zeros(1, 1, WIDTH))
        self.places = nn.Parameter(torch.zeros(num_frames + 1, WIDTH))
        self.layers = nn.ModuleList(
            FusionLayer(WIDTH, heads=_HEADS, hidden=_HIDDEN, dropout=_DROPOUT)
            for _ in range(_LAYERS)
        )
        for start in (self.gather, self.places):
            nn.init.trunc_normal_(start, std=0.02)

    def forward(self, frames: Tensor) -> Tensor:
        """Map frame features [B, T, D] to clip features [B, WIDTH]."""
        gather = self.gather.expand(len(frames), -1, -1)
        tokens = torch.cat([gather, self.project(frames)], dim=1)
        for layer in self.layers:
            tokens = layer(tokens, self.places)
        return tokens[:, 0]


def build_fusion(name: Fusion, *, frame_features: int, num_frames: int) -> nn.Module:
    """Build a fusion with random weights.

    Args:
        name: `transformer` or `mean`.
        frame_features: D.
        num_frames: T; the transformer takes clips of this length only.
    """
    if name == "mean":
        return MeanOverTime(frame_features)
    return TemporalTransformer(frame_features, num_frames)
