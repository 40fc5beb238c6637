"""The transformer layer of both fusions, and where its tokens stand.

Axis letters: B batch, L tokens, D features, H height, W width.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from beholder.errors import UsageError

_WAVELENGTHS = 10000.0


class FusionLayer(nn.Module):
    """A post-norm transformer layer whose queries and keys know where they stand.

    Source:
        Carion et al., DETR, ECCV 2020: places are added to queries and keys in every layer, not to
        values. Both parts are residual (Vaswani et al., 2017).
    """

    def __init__(self, width: int, *, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.query_key = nn.Linear(width, 2 * width)
        self.value = nn.Linear(width, width)
        self.out = nn.Linear(width, width)
        self.first_norm = nn.LayerNorm(width)
        self.mix = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, width)
        )
        self.second_norm = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, places: Tensor) -> Tensor:
        """Map tokens [B, L, D] at places [L, D] to tokens [B, L, D]."""
        query, key = self.query_key(tokens + places).chunk(2, dim=-1)
        seen = F.scaled_dot_product_attention(
            self._split(query),
            self._split(key),
            self._split(self.value(tokens)),
            dropout_p=self.drop.p if self.training else 0.0,
        )
        joined = self.out(seen.transpose(1, 2).flatten(2))
        tokens = self.first_norm(tokens + self.drop(joined))
        return self.second_norm(tokens + self.drop(self.mix(tokens)))

    def _split(self, part: Tensor) -> Tensor:
        """Divide [B, L, D] among the heads, [B, heads, L, D / heads]."""
        return part.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def sine_places(height: int, width: int, *, features: int) -> Tensor:
    """Describe the places of a map by sines and cosines, rows in one half, columns in the other.

    Args:
        height: H, in tokens.
        width: W, in tokens.
        features: D, a multiple of 4.

    Returns:
        float32 [H * W, D], row after row.

    Raises:
        UsageError: `features` is not a multiple of 4.

    Source:
        Carion et al., DETR, ECCV 2020: places are scaled to 0..2 pi whatever the size of the map.
    """
    if features % 4:
        raise UsageError(f"expected features in multiples of 4, found {features}")
    rows, columns = (_sines(length, features // 2) for length in (height, width))
    grid = [rows[:, None].expand(-1, width, -1), columns[None].expand(height, -1, -1)]
    return torch.cat(grid, dim=-1).flatten(0, 1)


def _sines(length: int, features: int) -> Tensor:
    angle = 2 * math.pi * torch.arange(1, length + 1) / length
    scale = _WAVELENGTHS ** (2 * torch.arange(features // 2) / features)
    phases = angle[:, None] / scale
    return torch.stack([phases.sin(), phases.cos()], dim=-1).flatten(1)
