"""Sizes of the coarse-to-fine networks; known without torch, so that recipes can ask.

SwinV2 (Liu et al., *Swin Transformer V2*, CVPR 2022) in its public sizes T, S and B
with windows of 16 at 256 x 256, and a nano size of ours for two processor cores.
"""

from __future__ import annotations

from dataclasses import dataclass

from beholder.errors import UnknownName


@dataclass(frozen=True, kw_only=True, slots=True)
class SpatialSize:
    """What decides the shapes of the spatial module."""

    side_px: int
    """Of the square views; SwinV2 takes one size only."""
    window: int
    """Side of the attention windows, in tokens."""
    width: int
    """Channels of the first stage; each stage doubles them."""
    depths: tuple[int, int, int, int]
    """Blocks of each stage."""
    heads: tuple[int, int, int, int]
    """Attention heads of each stage."""
    fusion_dropout: float
    """Inside the transformer that joins the stages."""

    @property
    def stage_widths(self) -> tuple[int, int, int, int]:
        """Channels of the four maps that are fused: after each merging, and the last."""
        return (2 * self.width, 4 * self.width, 8 * self.width, 8 * self.width)

    @property
    def features(self) -> int:
        """Length of a frame's feature: local and global, each as wide as the last map."""
        return 2 * self.stage_widths[-1]


def _public(width: int, *, depth: int, heads: int) -> SpatialSize:
    return SpatialSize(
        side_px=256,
        window=16,
        width=width,
        depths=(2, 2, depth, 2),
        heads=(heads, 2 * heads, 4 * heads, 8 * heads),
        fusion_dropout=0.5,
    )


SIZES: dict[str, SpatialSize] = {
    "nano": SpatialSize(
        side_px=128,
        window=8,
        width=24,
        depths=(1, 1, 2, 1),
        heads=(1, 2, 4, 8),
        fusion_dropout=0.1,
    ),
    "t": _public(96, depth=6, heads=3),
    "s": _public(96, depth=18, heads=3),
    "b": _public(128, depth=18, heads=4),
}

SPATIAL_NAMES = tuple(f"c2f_spatial_{size}" for size in SIZES)
"""The spatial module as a network of images, e.g. `c2f_spatial_nano`."""


def find_size(size: str) -> SpatialSize:
    """Return a size of `SIZES`.

    Raises:
        UnknownName: No size of that name.
    """
    if size not in SIZES:
        raise UnknownName(f"expected one of the sizes {', '.join(SIZES)}, found {size!r}")
    return SIZES[size]
