"""SSF: a learned scale and shift of every channel after every layer.

Lian et al., *Scaling & Shifting Your Features: A New Baseline for Efficient Model Tuning*, 2022.
Here after each convolution, linear layer and norm of the backbone.

Axis letters: B batch, H height, W width, C channels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from beholder.models.tuning.adapted import Adapted, layers_of, replace_layer


class ScaleShift(nn.Module):
    """x * scale + shift for each channel; the identity at the start."""

    operations_per_number = 2

    def __init__(self, channels: int, *, channels_first: bool) -> None:
        super().__init__()
        self.channels_first = channels_first
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, C, H, W], or [..., C] where channels are last, to the same shape."""
        if self.channels_first:
            return x * self.scale[:, None, None] + self.shift[:, None, None]
        return x * self.scale + self.shift


def add_scale_shift(backbone: nn.Module) -> None:
    """Put a scale and a shift behind every layer of a backbone."""
    for name in layers_of(backbone, (nn.Conv2d, nn.Linear, nn.LayerNorm)):
        layer = backbone.get_submodule(name)
        if isinstance(layer, nn.Conv2d):
            adapter = ScaleShift(layer.out_channels, channels_first=True)
        elif isinstance(layer, nn.Linear):
            adapter = ScaleShift(layer.out_features, channels_first=False)
        else:
            adapter = ScaleShift(layer.get_parameter("weight").numel(), channels_first=False)
        replace_layer(backbone, name, Adapted(layer, adapter))
