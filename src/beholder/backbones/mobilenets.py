"""MobileNetV1 and V2 as trunks: batch normalisation folded into the convolutions, read at depths.

Howard et al., *MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications*,
2017; Sandler et al., *MobileNetV2: Inverted Residuals and Linear Bottlenecks*, CVPR 2018. Both at
width 1.0 and without their classifier. A trunk maps views to four maps, at strides 4, 8, 16 and 32,
none of them negative.

Axis letters: B batch, C channels, H height, W width.
"""

from __future__ import annotations

from torch import Tensor, nn

from beholder.errors import UnknownName

_V1_BLOCKS = (
    *((64, 1), (128, 2), (128, 1), (256, 2), (256, 1)),
    *((512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1)),
    *((1024, 2), (1024, 1)),
)
"""Output channels and stride of each depthwise-separable block."""

_V2_STAGES = (
    *((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2)),
    *((6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)),
)
"""Expansion, output channels, blocks, and stride of the first block of each stage."""


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


class MobileNetV1(nn.Module):
    """Depthwise-separable blocks; what is read is the last block of each stride."""

    channels = (128, 256, 512, 1024)
    """Of the four maps."""
    _read = (2, 4, 10, 12)

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, 32, kernel=3, stride=2, groups=1)
        blocks: list[nn.Module] = []
        inputs = 32
        for outputs, stride in _V1_BLOCKS:
            blocks.append(
                nn.Sequential(
                    Convolution(inputs, inputs, kernel=3, stride=stride, groups=inputs),
                    Convolution(inputs, outputs, kernel=1, stride=1, groups=1),
                )
            )
            inputs = outputs
        self.blocks = nn.ModuleList(blocks)

    def forward(self, views: Tensor) -> list[Tensor]:
        """Map views [B, 3, H, W] to maps [B, C, H / s, W / s] at strides s of 4, 8, 16 and 32."""
        x = self.stem(views)
        maps = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in self._read:
                maps.append(x)
        return maps


class InvertedResidual(nn.Module):
    """Expand, look around each channel, project; the projection is linear."""

    def __init__(self, inputs: int, outputs: int, *, expansion: int, stride: int) -> None:
        super().__init__()
        inside = inputs * expansion
        self.expand = (
            Convolution(inputs, inside, kernel=1, stride=1, groups=1)
            if expansion > 1
            else nn.Identity()
        )
        self.look = Convolution(inside, inside, kernel=3, stride=stride, groups=inside)
        self.project = nn.Conv2d(inside, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Map [B, inputs, H, W] to the block's output and to the map before its projection."""
        seen = self.look(self.expand(x))
        out = self.project(seen)
        return (x + out if self.residual else out), seen


class MobileNetV2(nn.Module):
    """Inverted residuals; what is read is inside the last block of each stride, before it projects.

    Of the last stride it is the convolution to 1,280 channels that ends the network.
    """

    channels = (144, 192, 576, 1280)
    """Of the four maps."""
    _read = (2, 5, 12)

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, 32, kernel=3, stride=2, groups=1)
        blocks: list[nn.Module] = []
        inputs = 32
        for expansion, outputs, number, stride in _V2_STAGES:
            for place in range(number):
                first = stride if place == 0 else 1
                blocks.append(InvertedResidual(inputs, outputs, expansion=expansion, stride=first))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)
        self.last = Convolution(inputs, self.channels[-1], kernel=1, stride=1, groups=1)

    def forward(self, views: Tensor) -> list[Tensor]:
        """Map views [B, 3, H, W] to maps [B, C, H / s, W / s] at strides s of 4, 8, 16 and 32."""
        x = self.stem(views)
        maps = []
        for number, block in enumerate(self.blocks):
            x, seen = block(x)
            if number in self._read:
                maps.append(seen)
        return [*maps, self.last(x)]


TRUNKS: dict[str, type[MobileNetV1 | MobileNetV2]] = {
    "mobilenet_v1": MobileNetV1,
    "mobilenet_v2": MobileNetV2,
}


def build_trunk(name: str) -> MobileNetV1 | MobileNetV2:
    """Build a trunk of `TRUNKS` with random weights.

    Raises:
        UnknownName: No trunk of that name.
    """
    if name not in TRUNKS:
        raise UnknownName(f"expected one of the trunks {', '.join(TRUNKS)}, found {name!r}")
    return TRUNKS[name]()
