"""InternVideo2: a plain video transformer whose tokens are pooled into one vector by attention.

Wang et al., *InternVideo2: Scaling Foundation Models for Multimodal Video Understanding*, ECCV
2024. Written from the description of its layers and from the names in its public weight files
(Apache-2.0). Modules carry the names of these files, so that loading one is a matter of leaving out
and reshaping. What differs: one attention for all devices (`scaled_dot_product_attention`), and the
width of the hidden layer is told, not a ratio.

Two kinds of GELU are about. The released weights were trained with a layer that approximates it by
tanh, while the makers' own code without that layer computes it exactly; `Config.gelu` chooses.

Axis letters: B batch, T frames, H height, W width, N tubes in time, L tokens, D features.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from beholder.errors import UsageError

_WAVELENGTHS = 10000.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Sizes of an InternVideo2; those of S/14 by default."""

    width: int = 384
    depth: int = 12
    heads: int = 6
    hidden: int = 1536
    """Features between the two layers of the MLP."""
    side_px: int = 224
    patch_px: int = 14
    frames: int = 8
    tubelet: int = 1
    """Frames that a token covers."""
    pool_heads: int = 16
    features: int = 768
    """Length of the pooled vector; the same for all public sizes."""
    gelu: Literal["tanh", "exact"] = "tanh"
    positions: Literal["joint", "separate"] = "joint"
    """One table of places, or one for time and one for space that are added."""
    drop_path: float = 0.0
    """Share of a batch in which the last block's branches are left out in training; it rises
    linearly from 0 at the first block."""
    layer_scale: float = 1e-5
    """Start of the factors of every branch."""
    checkpointed: int = 0
    """So many first blocks keep no activations in training and compute them twice."""

    def __post_init__(self) -> None:
        """Refuse sizes that do not divide."""
        if self.side_px % self.patch_px or self.frames % self.tubelet:
            raise UsageError(
                f"expected a side in whole patches of {self.patch_px} px and frames in whole "
                f"tubes of {self.tubelet}, found {self.side_px} px and {self.frames}"
            )
        if self.width % self.heads or self.width % self.pool_heads or self.width % 16:
            raise UsageError(
                f"expected a width that {self.heads} heads, {self.pool_heads} heads of the pooling "
                f"and 16 divide, found {self.width}"
            )

    @property
    def grid(self) -> int:
        """Tokens along a side of a frame."""
        return self.side_px // self.patch_px

    @property
    def tubes(self) -> int:
        """N, tokens along time."""
        return self.frames // self.tubelet


SIZES: dict[str, Config] = {
    "nano": Config(width=96, depth=4, heads=4, hidden=384, pool_heads=8),
    "xs": Config(width=192, depth=8, heads=6, hidden=768),
    "s": Config(),
    "b": Config(width=768, heads=12, hidden=3072),
    "l": Config(width=1024, depth=24, heads=16, hidden=4096),
    "1b": Config(width=1408, depth=40, heads=16, hidden=6144),
}
"""Sizes by name; `nano` and `xs` are ours, student and teacher for two processor cores."""


class RMSNorm(nn.Module):
    """Divide by the root mean square, in float32 whatever comes in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, tokens: Tensor) -> Tensor:
        """Map [..., D] to the same shape and type."""
        exact = tokens.float()
        exact = exact * torch.rsqrt(exact.square().mean(-1, keepdim=True) + 1e-6)
        return (self.weight * exact).to(tokens.dtype)


class LayerScale(nn.Module):
    """A learned factor for each feature of a branch, small at first."""

    def __init__(self, width: int, start: float) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((width,), start))

    def forward(self, branch: Tensor) -> Tensor:
        """Map [..., D] to the same shape and type."""
        return (branch.float() * self.gamma.float()).to(branch.dtype)


class Attention(nn.Module):
    """Self-attention; queries and keys are normalised over all heads together."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.q_norm = RMSNorm(width)
        self.k_norm = RMSNorm(width)
        self.proj = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map [B, L, D] to the same shape."""
        query, key, value = self.qkv(tokens).chunk(3, dim=-1)
        out: Tensor = self.proj(attend(self.q_norm(query), self.k_norm(key), value, self.heads))
        return out


class Mlp(nn.Module):
    """Two layers with a GELU between."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.fc1 = nn.Linear(config.width, config.hidden)
        self.act = nn.GELU(approximate="tanh" if config.gelu == "tanh" else "none")
        self.fc2 = nn.Linear(config.hidden, config.width)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map [B, L, D] to the same shape."""
        out: Tensor = self.fc2(self.act(self.fc1(tokens)))
        return out


class Block(nn.Module):
    """x + scale * attention(norm x), then x + scale * mlp(norm x)."""

    def __init__(self, config: Config, drop: float) -> None:
        super().__init__()
        self.drop = drop
        self.norm1 = RMSNorm(config.width)
        self.attn = Attention(config.width, config.heads)
        self.ls1 = LayerScale(config.width, config.layer_scale)
        self.norm2 = RMSNorm(config.width)
        self.mlp = Mlp(config)
        self.ls2 = LayerScale(config.width, config.layer_scale)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map [B, L, D] to the same shape."""
        tokens = tokens + self._thin(self.ls1(self.attn(self.norm1(tokens))))
        return tokens + self._thin(self.ls2(self.mlp(self.norm2(tokens))))

    def _thin(self, branch: Tensor) -> Tensor:
        """Leave the branch out for some items in training (stochastic depth)."""
        if not self.training or self.drop == 0:
            return branch
        kept = torch.rand(len(branch), 1, 1, device=branch.device) >= self.drop
        return branch * kept.to(branch.dtype) / (1 - self.drop)


class PoolAttention(nn.Module):
    """The attention inside the pooling; biases stand apart from the weights, as in the files."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        width = config.width
        self.heads = config.pool_heads
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(width, width, bias=False)
        self.v = nn.Linear(width, width, bias=False)
        self.q_bias = nn.Parameter(torch.zeros(width))
        self.k_bias = nn.Parameter(torch.zeros(width))
        self.v_bias = nn.Parameter(torch.zeros(width))
        self.proj = nn.Linear(width, config.features)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        """Map a query [B, 1, D] and tokens [B, L, D] to [B, 1, features]."""
        query = self.q(query) + self.q_bias
        key, value = self.k(key) + self.k_bias, self.v(value) + self.v_bias
        pooled: Tensor = self.proj(attend(query, key, value, self.heads))
        return pooled


class AttentionPool(nn.Module):
    """The mean token asks all tokens, itself a sum of them, what the clip is about."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.norm1_q = nn.LayerNorm(config.width)
        self.norm1_k = nn.LayerNorm(config.width)
        self.norm1_v = nn.LayerNorm(config.width)
        self.cross_attn = PoolAttention(config)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map tokens [B, L, D], the class token among them, to [B, features]."""
        query = self.norm1_q(tokens.mean(1, keepdim=True))
        pooled: Tensor = self.cross_attn(query, self.norm1_k(tokens), self.norm1_v(tokens))
        return pooled.squeeze(1)


class PatchEmbed(nn.Module):
    """Cuts a clip into tubes and makes each a token."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        size = (config.tubelet, config.patch_px, config.patch_px)
        self.proj = nn.Conv3d(3, config.width, kernel_size=size, stride=size)

    def forward(self, clips: Tensor) -> Tensor:
        """Map clips [B, 3, T, H, W] to tokens [B, L, D], frame after frame, row after row."""
        tokens: Tensor = self.proj(clips).flatten(2).transpose(1, 2)
        return tokens


class InternVideo2(nn.Module):
    """From clips to one vector; `embed`, `blocks`, `clip_projector` and `fc_norm` in this order."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        width, grid, tubes = config.width, config.grid, config.tubes
        self.patch_embed = PatchEmbed(config)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        if config.positions == "joint":
            table = places_in_clip(tubes, grid, width)
            self.pos_embed = nn.Parameter(functional.pad(table, (0, 0, 1, 0))[None])
        else:
            self.pos_embed_cls = nn.Parameter(torch.zeros(1, 1, width))
            self.pos_embed_spatial = nn.Parameter(places_in_frame(grid, width)[None])
            self.pos_embed_temporal = nn.Parameter(places_in_time(tubes, width)[None])
        drops = [config.drop_path * i / max(1, config.depth - 1) for i in range(config.depth)]
        self.blocks = nn.ModuleList(Block(config, drop) for drop in drops)
        self.clip_projector = AttentionPool(config)
        self.fc_norm = nn.LayerNorm(config.features)
        self.apply(_initialise)
        nn.init.trunc_normal_(self.cls_token, std=0.02)

    def places(self) -> Tensor:
        """Return what is added to the class token and to the tokens of a clip, [1, 1 + L, D]."""
        if self.config.positions == "joint":
            return self.pos_embed
        grid = self.pos_embed_temporal[:, :, None] + self.pos_embed_spatial[:, None]
        return torch.cat([self.pos_embed_cls, grid.flatten(1, 2)], dim=1)

    def embed(self, clips: Tensor) -> Tensor:
        """Map clips [B, 3, T, H, W] to tokens [B, 1 + L, D].

        A single tube is taken too, e.g. a still; it stands at the mean of all times.
        """
        tokens = self.patch_embed(clips)
        places, space = self.places(), self.config.grid**2
        if tokens.shape[1] == space < places.shape[1] - 1:
            still = places[:, 1:].unflatten(1, (-1, space)).mean(1)
            places = torch.cat([places[:, :1], still], dim=1)
        return torch.cat([self.cls_token.expand(len(tokens), -1, -1), tokens], dim=1) + places

    def pooled(self, clips: Tensor) -> Tensor:
        """Map clips [B, 3, T, H, W] to the pooled vector [B, features] before its norm."""
        tokens = self.embed(clips)
        for number, block in enumerate(self.blocks):
            if self.training and number < self.config.checkpointed:
                tokens = checkpoint(block, tokens, use_reentrant=False)
            else:
                tokens = block(tokens)
        vector: Tensor = self.clip_projector(tokens)
        return vector

    def forward(self, clips: Tensor) -> Tensor:
        """Map clips [B, 3, T, H, W], with ImageNet's mean and deviation, to [B, features]."""
        vector: Tensor = self.fc_norm(self.pooled(clips))
        return vector


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """Attend with several heads, from queries [B, Q, D] to keys and values [B, L, D]."""
    query, key, value = (
        part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in (query, key, value)
    )
    seen = functional.scaled_dot_product_attention(query, key.to(query.dtype), value)
    return seen.transpose(1, 2).flatten(2)


def places_in_clip(tubes: int, grid: int, width: int) -> Tensor:
    """Sines of time in the first quarter of the features, of space in the others, [N * L, D]."""
    time = places_in_time(tubes, width // 4)[:, None].expand(-1, grid**2, -1)
    space = places_in_frame(grid, width - width // 4)[None].expand(tubes, -1, -1)
    return torch.cat([time, space], dim=-1).flatten(0, 1)


def places_in_frame(grid: int, width: int) -> Tensor:
    """Sines of the column in the first half of the features, of the row in the second, [L, D]."""
    line = places_in_time(grid, width // 2)
    columns, rows = line[None].expand(grid, -1, -1), line[:, None].expand(-1, grid, -1)
    return torch.cat([columns, rows], dim=-1).flatten(0, 1)


def places_in_time(length: int, width: int) -> Tensor:
    """Sines, then cosines, of 0, 1, ... in wavelengths from 2 pi up, [length, D].

    Source:
        Vaswani et al., Attention is all you need, 2017, with sines and cosines in two halves.
    """
    half = width // 2
    rates = _WAVELENGTHS ** -(torch.arange(half, dtype=torch.float64) / half)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()


def resize_places(places: Tensor, *, tubes: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Bring a table of places to another number of frames and another size of picture.

    Args:
        places: [1, N * grid * grid, D], without a class token.
        tubes: N of the table and of the result; linear between.
        grid: Tokens along a side, of the table and of the result; cubic between.

    Returns:
        [1, new N * new grid * new grid, D].
    """
    width = places.shape[-1]
    if tubes[0] != tubes[1]:
        lines = places.reshape(tubes[0], -1, width).permute(1, 2, 0)
        lines = functional.interpolate(lines, size=tubes[1], mode="linear")
        places = lines.permute(2, 0, 1).reshape(1, -1, width)
    if grid[0] != grid[1]:
        maps = places.reshape(tubes[1], grid[0], grid[0], width).permute(0, 3, 1, 2)
        maps = functional.interpolate(maps, size=(grid[1], grid[1]), mode="bicubic")
        places = maps.permute(0, 2, 3, 1).reshape(1, -1, width)
    return places


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
