"""Two networks as large as QMamba's nano size, to compare it with: convolutions, and attention.

He et al., *Deep Residual Learning*, 2016, with norms over groups instead of batches; Dosovitskiy
et al., *An Image is Worth 16x16 Words*, 2021, with fixed sines as positions, so that every size of
picture is taken. Both offer `features` and `head` as our models do.

Axis letters: B batch, H height, W width, D features, L tokens.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional


class Quality(nn.Module):
    """A backbone that maps views to [B, D], and one linear layer."""

    def __init__(self, backbone: nn.Module, width: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.regress = nn.Linear(width, 1)

    def features(self, views: Tensor) -> Tensor:
        """Map views [B, 3, H, W] to features [B, D]."""
        found: Tensor = self.backbone(views)
        return found

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, 3, H, W] to quality [B, 1]."""
        quality: Tensor = self.regress(self.features(views))
        return quality


class Residual(nn.Module):
    """Two convolutions and a way around them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.GroupNorm(8, width)),
            nn.ReLU(),
            *(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.GroupNorm(8, width)),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, E, H, W] to the same shape."""
        return functional.relu(maps + self.layers(maps))


def residual_network(
    depths: tuple[int, ...] = (1, 1, 2, 1), widths: tuple[int, ...] = (24, 48, 96, 192)
) -> Quality:
    """Return a network of residual blocks at strides 4, 8, 16 and 32."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise((3, widths[0] // 2, *widths)):
        layers += [nn.Conv2d(inputs, outputs, 3, 2, 1), nn.GroupNorm(4, outputs), nn.ReLU()]
        if outputs in widths:
            layers += [Residual(outputs) for _ in range(depths[widths.index(outputs)])]
    return Quality(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten()), widths[-1])


class VisionTransformer(nn.Module):
    """Patches of 8 px, plain attention, mean over tokens."""

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, width, 8, 8)
        block = nn.TransformerEncoderLayer(
            *(width, 3, 4 * width), 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, depth, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(width)

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, 3, H, W] to [B, D]."""
        maps = self.patches(views)
        tokens = maps.flatten(2).transpose(1, 2)
        tokens = tokens + _positions(maps.shape[2], maps.shape[3], tokens.shape[2])
        mean: Tensor = self.norm(self.blocks(tokens)).mean(1)
        return mean


def vision_transformer(width: int = 144, depth: int = 5) -> Quality:
    """Return a plain vision transformer."""
    return Quality(VisionTransformer(width, depth), width)


def _positions(height: int, width: int, channels: int) -> Tensor:
    """Return sines and cosines of rows and columns, [L, channels]."""
    rates = 100.0 ** -(torch.arange(channels // 4) * 4 / channels)
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    angles = [place.flatten()[:, None] * rates for place in (rows, columns)]
    return torch.cat([wave(a) for a in angles for wave in (torch.sin, torch.cos)], dim=1)
