"""SwinV2 of timm as a source of four maps, and public weights for it.

Axis letters: B batch, C channels, H height, W width.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from beholder.backbones.checkpoints import read_checkpoint
from beholder.errors import DataError, MissingExtra
from beholder.models.c2f_sizes import SpatialSize

_UNUSED = ("head.", "norm.")
"""Parts of a public file that no map needs: the classifier and the norm before it."""


class SwinStages(nn.Module):
    """The maps of a SwinV2 after each merging and after its last stage."""

    def __init__(self, size: SpatialSize) -> None:
        """Build with random weights.

        Raises:
            MissingExtra: timm or torchvision is not installed.
        """
        super().__init__()
        self.swin = _build_timm(size)

    def forward(self, views: Tensor) -> list[Tensor]:
        """Map views [B, 3, S, S] to maps [B, C, H, W] at strides 8, 16, 32 and 32."""
        tokens = self.swin.patch_embed(views)
        maps = []
        for number, stage in enumerate(self.swin.layers):
            tokens = stage.downsample(tokens)
            # timm merges where the next stage begins; the authors' version ended a stage with it.
            if number:
                maps.append(tokens)
            for block in stage.blocks:
                tokens = block(tokens)
        maps.append(tokens)
        return [part.permute(0, 3, 1, 2) for part in maps]


def load_public(stages: SwinStages, path: Path) -> None:
    """Load a public SwinV2 file: timm's, or its makers' own layout.

    Args:
        stages: Its weights are replaced.
        path: `.safetensors`, or a PyTorch checkpoint, which is read without running it.

    Raises:
        ModelError: No such file, or no weights in it.
        DataError: Weights of another network or size.
    """
    from timm.models.swin_transformer_v2 import checkpoint_filter_fn

    swin: Any = stages.swin
    found: dict[str, Tensor] = checkpoint_filter_fn(read_checkpoint(path), swin)
    used = {name: part for name, part in found.items() if not name.startswith(_UNUSED)}
    try:
        swin.load_state_dict(used)
    except RuntimeError as error:
        raise DataError(
            f"expected weights of this SwinV2 in {str(path)!r}: {error}; take a file of the same "
            "size, e.g. timm's swinv2_tiny_window16_256 for c2f_spatial_t"
        ) from error


def _build_timm(size: SpatialSize) -> Any:
    from beholder.backbones.torch_shim import ensure_torchvision

    ensure_torchvision()
    try:
        from timm.models.swin_transformer_v2 import SwinTransformerV2
    except ImportError as error:
        raise MissingExtra("timm", "train") from error
    swin = SwinTransformerV2(
        img_size=size.side_px,
        window_size=size.window,
        embed_dim=size.width,
        depths=size.depths,
        num_heads=size.heads,
        num_classes=0,
        drop_path_rate=0.0,
    )
    # No map passes through it: without use its weights would only wait for gradients.
    swin.norm = torch.nn.Identity()
    return swin
