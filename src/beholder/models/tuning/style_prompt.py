"""StylePrompt: adapt the mean and the spread of a stage's channels, chosen by what the map holds.

Guan et al., *QMamba: On First Exploration of Vision Mamba for Image Quality Assessment*, ICML 2025:
a generator mixes N learned prompts by weights read off the map's mean (SPG), and an injector turns
the mixture into a scale and a shift of every channel (SPI). The number of prompts, their width, the
kernel, the place inside a stage and the start are not published; docs/qmamba.md tells which reading
gives which number of parameters. Ours begins as the identity.

Axis letters: B batch, H height, W width, E channels of the map, C width of a prompt, N prompts.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from beholder.models.tuning.settings import TuningSettings


class StylePrompt(nn.Module):
    """x * (1 + gamma) + beta, both of one value for each channel and picture."""

    operations_per_number = 2

    def __init__(self, channels: int, settings: TuningSettings) -> None:
        super().__init__()
        width, kernel = settings.width or channels, settings.kernel
        narrow = width // settings.narrowing
        self.prompts = nn.Parameter(0.02 * torch.randn(settings.prompts, width))
        self.weigh = nn.Linear(channels, settings.prompts)
        self.convolve = nn.Conv2d(width, narrow, kernel, padding=kernel // 2)
        self.scale = nn.Linear(narrow, channels)
        self.shift = nn.Linear(narrow, channels)
        for layer in (self.scale, self.shift):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def generate(self, maps: Tensor) -> Tensor:
        """Mix the prompts for maps [B, H, W, E]: SPG, to [B, C]."""
        weights = torch.softmax(self.weigh(maps.mean((1, 2))), dim=-1)
        return weights @ self.prompts

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, E] to the same shape: SPI."""
        prompt = self.convolve(self.generate(maps)[:, :, None, None]).flatten(1)
        scale, shift = self.scale(prompt), self.shift(prompt)
        return maps * (1 + scale[:, None, None]) + shift[:, None, None]
