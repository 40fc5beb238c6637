"""The enhanced spatial perception module: local and global quality of one frame.

Yu et al., *Video Quality Assessment Based on Swin Transformer V2 and Coarse to Fine Strategy*,
DCC 2024. The paper says: SwinV2 reads locally, transformer layers fuse its stages, both are joined,
and it is pre-trained on several image sets. Sizes and layers follow the sibling SF-IQA of the same
first author, whose design goes back to TReS (Golestaneh et al., WACV 2022); two oddities of that
code are not repeated: tokens are permuted into maps, not reinterpreted, and attention is residual.

Axis letters: B batch, S side of a view, C channels, H height, W width, L tokens, D features.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from beholder.errors import UnknownName
from beholder.models.c2f_attention import FusionLayer, sine_places
from beholder.models.c2f_sizes import SPATIAL_NAMES, SpatialSize, find_size
from beholder.models.c2f_swin import SwinStages

_LAYERS, _HEADS, _HIDDEN = 2, 16, 64
_MAP_DROPOUT = 0.1
_LAST_STRIDE = 32


class L2Pooling(nn.Module):
    """The local energy of a map: the root of its squares under a small Hanning window.

    Source:
        Hénaff and Simoncelli, Geodesics of learned representations, ICLR 2016: blurring before
        subsampling avoids aliasing.
    """

    kernel: Tensor

    def __init__(self) -> None:
        super().__init__()
        side = 0.5 - 0.5 * torch.cos(2 * math.pi * torch.arange(1, 4) / 4)
        kernel = side[:, None] * side[None]
        self.register_buffer("kernel", (kernel / kernel.sum())[None, None], persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, C, H, W] to the same shape."""
        channels = maps.shape[1]
        kernel = self.kernel.expand(channels, -1, -1, -1)
        # The small number keeps the gradient of the root finite.
        return (F.conv2d(maps**2, kernel, padding=1, groups=channels) + 1e-12).sqrt()


class StageFusion(nn.Module):
    """Joins the maps of all stages into one global feature."""

    places: Tensor

    def __init__(self, size: SpatialSize) -> None:
        super().__init__()
        width, side = sum(size.stage_widths), size.side_px // _LAST_STRIDE
        self.energy = L2Pooling()
        self.map_drop = nn.Dropout(_MAP_DROPOUT)
        self.layers = nn.ModuleList(
            FusionLayer(width, heads=_HEADS, hidden=_HIDDEN, dropout=size.fusion_dropout)
            for _ in range(_LAYERS)
        )
        self.narrow = nn.Linear(width, size.stage_widths[-1])
        places = sine_places(side, side, features=width)
        self.register_buffer("places", places, persistent=False)

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Map four maps [B, C, H, W] to one feature [B, D]."""
        tokens = self.tokens(maps)
        for layer in self.layers:
            tokens = layer(tokens, self.places)
        narrow: Tensor = self.narrow(tokens.mean(1))
        return narrow

    def tokens(self, maps: Sequence[Tensor]) -> Tensor:
        """Bring all maps to the grid of the last one: [B, L, C of all together]."""
        side = maps[-1].shape[-1]
        pooled = []
        for part in maps:
            soft = self.map_drop(self.energy(F.normalize(part, dim=1)))
            pooled.append(F.avg_pool2d(soft, part.shape[-1] // side))
        return torch.cat(pooled, dim=1).flatten(2).transpose(1, 2)


class C2fSpatial(nn.Module):
    """Quality of single pictures, and the frame features of `C2f`."""

    def __init__(self, size: SpatialSize) -> None:
        super().__init__()
        self.size = size
        self.view_shape = (3, size.side_px, size.side_px)
        self.stages = SwinStages(size)
        self.fusion = StageFusion(size)
        self.regress = nn.Linear(size.features, 1)

    def features(self, views: Tensor) -> Tensor:
        """Map views [B, 3, S, S], normalised as the card says, to local and global [B, D]."""
        maps = self.stages(views)
        local = maps[-1].mean((2, 3))
        return torch.cat([local, self.fusion(maps)], dim=1)

    def head(self, features: Tensor) -> Tensor:
        """Map features [B, D] to quality [B, 1]: higher is better."""
        quality: Tensor = self.regress(features)
        return quality

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, 3, S, S] to quality [B, 1]."""
        return self.head(self.features(views))


def build(name: str) -> C2fSpatial:
    """Build a network of `SPATIAL_NAMES` with random weights.

    Raises:
        UnknownName: No network of that name.
        MissingExtra: timm or torchvision is not installed.
    """
    if name not in SPATIAL_NAMES:
        raise UnknownName(f"expected one of {', '.join(SPATIAL_NAMES)}, found {name!r}")
    return C2fSpatial(find_size(name.removeprefix("c2f_spatial_")))
