"""VMamba: four stages of blocks, each a two-dimensional selective scan and a small network.

Liu et al., *VMamba: Visual State Space Model*, 2024. One description covers its published forms:
v0 (16 states, gate, no MLP) and v05 (with or without gate, MLP of four times the width). Maps keep
their channels last; the published `ln` and `ln2d` variants differ in memory layout only, so both
are this network.

Axis letters: B batch, H height, W width, E channels.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from beholder.backbones.scan_orders import CROSS, ScanOrder
from beholder.backbones.ss2d import SS2D, ScanConfig
from beholder.errors import ModelError, UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Sizes of the network; the defaults are VMamba-S and -B's kind of block."""

    depths: tuple[int, ...] = (2, 2, 15, 2)
    """Blocks of each stage; maps are halved between stages."""
    widths: tuple[int, ...] = (96, 192, 384, 768)
    """Channels of each stage."""
    scan: ScanConfig = field(default_factory=ScanConfig)
    orders: tuple[tuple[ScanOrder, ...], ...] = ()
    """Scan orders of each block, in the order of the blocks; empty: `CROSS` everywhere."""
    mlp_ratio: float = 4.0
    """Hidden over outer width of the MLP; 0: no MLP (v0)."""
    merge_patches: bool = False
    """v0's stem (one 4 x 4 convolution) and reductions (2 x 2 neighbours, norm, linear)."""
    drop_path: float = 0.0
    """Share of a batch in which the last block's branches are left out in training; it rises
    linearly from 0 at the first block."""

    def __post_init__(self) -> None:
        """Refuse lists that do not fit together."""
        if len(self.depths) != len(self.widths):
            raise UsageError(
                f"expected as many depths as widths, found {self.depths} and {self.widths}"
            )
        if self.orders and len(self.orders) != sum(self.depths):
            raise UsageError(
                f"expected scan orders for each of {sum(self.depths)} blocks, found "
                f"{len(self.orders)}"
            )


class ConvNorm(nn.Module):
    """A convolution and a norm over channels, from and to maps with channels last."""

    def __init__(self, inputs: int, outputs: int, *, kernel: int, stride: int) -> None:
        super().__init__()
        # Kernels of 3 overlap and pad; kernels of 4 cut the picture into patches.
        self.convolve = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel % 2)
        self.norm = nn.LayerNorm(outputs)

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, inputs] to [B, H / stride, W / stride, outputs]."""
        out: Tensor = self.norm(self.convolve(maps.permute(0, 3, 1, 2)).permute(0, 2, 3, 1))
        return out


class PatchMerging(nn.Module):
    """Halve a map: four neighbours become one token (Liu et al., *Swin Transformer*, 2021)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * inputs)
        self.reduce = nn.Linear(4 * inputs, outputs, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, inputs] to [B, H / 2, W / 2, outputs]; odd sides are padded with zeros."""
        maps = functional.pad(maps, (0, 0, 0, maps.shape[2] % 2, 0, maps.shape[1] % 2))
        corners = [maps[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        out: Tensor = self.reduce(self.norm(torch.cat(corners, dim=-1)))
        return out


class Block(nn.Module):
    """x + scan(norm x), then x + mlp(norm x)."""

    def __init__(
        self, width: int, config: Config, *, orders: tuple[ScanOrder, ...], drop: float
    ) -> None:
        super().__init__()
        hidden = int(config.mlp_ratio * width)
        self.drop = drop
        self.norm = nn.LayerNorm(width)
        self.scan = SS2D(width, config.scan, orders=orders)
        self.mlp_norm = nn.LayerNorm(width) if hidden else None
        layers = (nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width)) if hidden else ()
        self.mlp = nn.Sequential(*layers)

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, E] to the same shape."""
        maps = maps + self._thin(self.scan(self.norm(maps)))
        if self.mlp_norm is not None:
            maps = maps + self._thin(self.mlp(self.mlp_norm(maps)))
        return maps

    def _thin(self, branch: Tensor) -> Tensor:
        """Leave the branch out for some items in training (stochastic depth)."""
        if not self.training or self.drop == 0:
            return branch
        kept = torch.rand(len(branch), 1, 1, 1, device=branch.device) >= self.drop
        return branch * kept.to(branch.dtype) / (1 - self.drop)


class VMamba(nn.Module):
    """From pictures to maps at strides 4, 8, 16 and 32."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.stem = _stem(config)
        self.stages = nn.ModuleList(_stages(config))
        self.downsamples = nn.ModuleList(_downsamples(config))
        self.norm = nn.LayerNorm(config.widths[-1])
        self.apply(_initialise)

    def maps(self, pictures: Tensor) -> list[Tensor]:
        """Map pictures [B, 3, H, W] to the output of each stage, [B, H / 4, W / 4, E] and so on.

        Any size is taken; sides are rounded up where they are halved.
        """
        maps = self.stem(pictures.permute(0, 2, 3, 1))
        found: list[Tensor] = []
        for stage, downsample in zip(self.stages, self.downsamples, strict=True):
            found.append(stage(maps))
            maps = downsample(found[-1])
        return found

    def forward(self, pictures: Tensor) -> Tensor:
        """Map pictures [B, 3, H, W] to the normalised last map, averaged, [B, E]."""
        mean: Tensor = self.norm(self.maps(pictures)[-1]).mean((1, 2))
        return mean


def _stem(config: Config) -> nn.Sequential:
    width = config.widths[0]
    if config.merge_patches:
        return nn.Sequential(ConvNorm(3, width, kernel=4, stride=4))
    return nn.Sequential(
        ConvNorm(3, width // 2, kernel=3, stride=2),
        nn.GELU(),
        ConvNorm(width // 2, width, kernel=3, stride=2),
    )


def _stages(config: Config) -> list[nn.Module]:
    total = sum(config.depths)
    orders = config.orders or (CROSS,) * total
    drops = [config.drop_path * block / max(1, total - 1) for block in range(total)]
    stages: list[nn.Module] = []
    start = 0
    for depth, width in zip(config.depths, config.widths, strict=True):
        blocks = [
            Block(width, config, orders=orders[i], drop=drops[i])
            for i in range(start, start + depth)
        ]
        stages.append(nn.Sequential(*blocks))
        start += depth
    return stages


def _downsamples(config: Config) -> list[nn.Module]:
    """Return what leads from each stage to the next; nothing follows the last."""
    pairs = itertools.pairwise(config.widths)
    if config.merge_patches:
        return [*(PatchMerging(*pair) for pair in pairs), nn.Identity()]
    return [*(ConvNorm(*pair, kernel=3, stride=2) for pair in pairs), nn.Identity()]


def _initialise(module: nn.Module) -> None:
    """Draw linear layers from a narrow truncated normal, as the published training does."""
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


_OLDER_NAMES = (
    (r"^patch_embed\.proj\.", "patch_embed.0."),
    (r"^patch_embed\.norm\.", "patch_embed.2."),
    (r"\.ln_1\.", ".norm."),
    (r"\.self_attention\.", ".op."),
    (r"^(norm|head)\.", r"classifier.\1."),
)
"""Names of the first releases, to those of the later ones."""

_NAMES = (
    (r"^patch_embed\.0\.", "stem.0.convolve."),
    (r"^patch_embed\.2\.", "stem.0.norm."),
    (r"^patch_embed\.5\.", "stem.2.convolve."),
    (r"^patch_embed\.7\.", "stem.2.norm."),
    (r"^layers\.(\d+)\.blocks\.", r"stages.\1."),
    (r"^layers\.(\d+)\.downsample\.", r"downsamples.\1."),
    (r"^(downsamples\.\d+)\.1\.", r"\1.convolve."),
    (r"^(downsamples\.\d+)\.3\.", r"\1.norm."),
    (r"^(downsamples\.\d+)\.reduction\.", r"\1.reduce."),
    (r"\.op\.", ".scan."),
    (r"\.conv2d\.", ".convolve."),
    (r"\.multi_scan\.attn\.norm\.", ".gate.norm."),
    (r"\.multi_scan\.attn\.global_reduce\.", ".gate.reduce."),
    (r"\.multi_scan\.attn\.channel_select\.", ".gate.select."),
    (r"\.norm2\.", ".mlp_norm."),
    (r"\.mlp\.fc1\.", ".mlp.0."),
    (r"\.mlp\.fc2\.", ".mlp.2."),
    (r"^classifier\.norm\.", "norm."),
)
"""Names of the released networks, to ours."""

_LINEAR = re.compile(r"(in_proj|out_proj|mlp\.[02])\.weight$")


def convert_official(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename the weights of a released VMamba or LocalVMamba; its classifier is left out.

    Args:
        state: As `checkpoints.read_checkpoint` gives it, in any release's names; linear layers may
            be stored as 1 x 1 convolutions [outputs, inputs, 1, 1].

    Returns:
        Weights for `VMamba.load_state_dict`. Detectors' files bring norms of their own for each
        stage, `outnorm*`, and no `norm`; the former are left out.

    Raises:
        ModelError: The weights are of another network.
    """
    converted = {}
    for name, tensor in state.items():
        new = _rename(_rename(name, _OLDER_NAMES), _NAMES)
        if new.startswith(("classifier.", "outnorm")):
            continue
        converted[new] = tensor.flatten(1) if _LINEAR.search(new) else tensor
    if "stem.0.convolve.weight" not in converted:
        raise ModelError(
            "expected the weights of a VMamba or LocalVMamba, with 'patch_embed.0.weight'; found "
            f"names like {sorted(state)[:4]}"
        )
    return converted


def _rename(name: str, table: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in table:
        name = re.sub(pattern, replacement, name)
    return name
