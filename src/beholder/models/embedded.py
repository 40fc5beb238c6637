"""The network inside the wheel: a MobileNetV1 trunk read at four depths, and a small head.

Trunk: Howard et al., *MobileNets: Efficient Convolutional Neural Networks for Mobile Vision
Applications*, 2017, with batch normalisation folded into the convolutions; public ImageNet weights
(Apache-2.0) are its start. Ours: quality is read off the mean of the maps at strides 4, 8, 16 and
32 and the spread of the first three, because blur, noise and coding artefacts show in the early
maps and what the picture is of in the late ones.

Axis letters: B batch, H height, W width, D features.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Sizes of the network."""

    stem_channels: int = 32
    blocks: tuple[tuple[int, int], ...] = (
        *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1)),
        *((512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1)),
        *((1024, 2), (1024, 1)),
    )
    """Output channels and stride of each depthwise-separable block."""
    taps: tuple[int, ...] = (2, 4, 10, 12)
    """Blocks whose output is read: the last of each stride from 4 to 32."""
    hidden: int = 192
    """Width of the head's one hidden layer."""
    dropout: float = 0.2


class Convolution(nn.Module):
    """A convolution with bias and ReLU6, padded as TensorFlow's SAME does for even sizes."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int, groups: int) -> None:
        super().__init__()
        # At stride 2 the padding of an even size is one row below and one column to the right.
        self.pad = nn.ZeroPad2d((0, 1, 0, 1)) if stride == 2 else nn.Identity()
        padding = kernel // 2 if stride == 1 else 0
        self.convolve = nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups)
        self.clip = nn.ReLU6()

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs, H, W] to [B, outputs, H / stride, W / stride]."""
        out: Tensor = self.clip(self.convolve(self.pad(x)))
        return out


class EmbeddedModel(nn.Module):
    """Image quality from RGB views: `forward` is `head(features(views))`."""

    feature_mean: Tensor
    """Of each feature under the starting trunk, [D]."""
    feature_std: Tensor
    """Of each feature under the starting trunk, [D]."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.stem = Convolution(3, config.stem_channels, kernel=3, stride=2, groups=1)
        self.blocks = nn.ModuleList(_blocks(config))
        self.taps = config.taps
        channels = [config.blocks[tap][0] for tap in config.taps]
        self.num_features = sum(channels) + sum(channels[:-1])
        self.register_buffer("feature_mean", torch.zeros(self.num_features))
        self.register_buffer("feature_std", torch.ones(self.num_features))
        last = nn.Linear(config.hidden, 1)
        # The first prediction is the middle of the scale for every picture.
        nn.init.zeros_(last.weight)
        nn.init.constant_(last.bias, 0.5)
        self.regress = nn.Sequential(
            nn.Linear(self.num_features, config.hidden),
            nn.GELU(),
            nn.Dropout(config.dropout),
            last,
        )

    def features(self, views: Tensor) -> Tensor:
        """Describe each view by the mean and spread of the trunk's maps.

        Args:
            views: float [B, 3, H, W], normalised; H and W are multiples of 32.

        Returns:
            float32 [B, D].
        """
        x = self.stem(views)
        maps = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in self.taps:
                maps.append(x.float())
        means = [m.mean((2, 3)) for m in maps]
        spreads = [_spread(m, mean) for m, mean in zip(maps[:-1], means, strict=False)]
        return torch.cat([*means, *spreads], dim=1)

    def head(self, features: Tensor) -> Tensor:
        """Map features [B, D] to quality [B, 1]: about 0..1, higher is better."""
        scaled = (features - self.feature_mean) / self.feature_std
        quality: Tensor = self.regress(scaled.clamp(-6, 6))
        return quality

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, 3, H, W] to quality [B, 1]."""
        return self.head(self.features(views))

    @torch.no_grad()
    def standardise(self, features: Tensor) -> None:
        """Fix the scale of the head's inputs from example features [items, D]."""
        self.feature_mean.copy_(features.mean(0))
        self.feature_std.copy_(features.std(0) + 1e-4)

    def trunk_parameters(self) -> list[nn.Parameter]:
        """Return the parameters below the head."""
        return [*self.stem.parameters(), *self.blocks.parameters()]


def build(config: Config | None = None) -> EmbeddedModel:
    """Build the network with random weights."""
    return EmbeddedModel(config or Config())


def _blocks(config: Config) -> list[nn.Module]:
    blocks: list[nn.Module] = []
    inputs = config.stem_channels
    for outputs, stride in config.blocks:
        blocks.append(
            nn.Sequential(
                Convolution(inputs, inputs, kernel=3, stride=stride, groups=inputs),
                Convolution(inputs, outputs, kernel=1, stride=1, groups=1),
            )
        )
        inputs = outputs
    return blocks


def _spread(maps: Tensor, mean: Tensor) -> Tensor:
    """Return the standard deviation over H and W of [B, C, H, W], as [B, C]."""
    centred = maps - mean[:, :, None, None]
    return (centred.square().mean((2, 3)) + 1e-6).sqrt()
