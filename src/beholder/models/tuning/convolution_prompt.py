"""Prompt tuning by convolutions: a prompt as large as the map, made from the map itself.

The rival that QMamba's authors call Conv_Prompt; they do not describe it. Ours is two convolutions
of 3 x 3 with a GELU between them, added to the map.

Axis letters: B batch, H height, W width, C channels.
"""

from __future__ import annotations

from torch import Tensor, nn


class ConvolutionPrompt(nn.Module):
    """x + conv(gelu(conv(x))); the second convolution is zero at the start."""

    operations_per_number = 1

    def __init__(self, channels: int) -> None:
        super().__init__()
        last = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(last.weight)
        if last.bias is not None:
            nn.init.zeros_(last.bias)
        self.make = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.GELU(), last)

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, C] to the same shape."""
        changed: Tensor = maps + self.make(maps.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        return changed
