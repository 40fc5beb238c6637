"""Prompt tuning by cross attention: every token of a map asks a few learned prompts.

The rival that QMamba's authors call Crossattn_Prompt; they do not describe it. Ours is plain
attention with one head, its output added to the map.

Axis letters: B batch, H height, W width, C channels, N prompts.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class CrossAttentionPrompt(nn.Module):
    """x + out(softmax(query(x) key(P)^T / sqrt C) value(P)); `out` is zero at the start."""

    operations_per_number = 1

    def __init__(self, channels: int, *, prompts: int) -> None:
        super().__init__()
        self.prompts = nn.Parameter(0.02 * torch.randn(prompts, channels))
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.out = nn.Linear(channels, channels)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, C] to the same shape."""
        scores = self.query(maps) @ self.key(self.prompts).T / math.sqrt(maps.shape[-1])
        answers = torch.softmax(scores, dim=-1) @ self.value(self.prompts)
        changed: Tensor = maps + self.out(answers)
        return changed
