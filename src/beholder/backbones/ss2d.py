"""The two-dimensional selective scan of VMamba, with LocalMamba's windows and channel gate.

Liu et al., *VMamba: Visual State Space Model*, 2024, and Huang et al., *LocalMamba: Visual State
Space Model with Windowed Selective Scan*, 2024. Names of parameters that public checkpoints hold as
one array for all directions are theirs.

Axis letters: B batch, H height, W width, L tokens, E width of the block, C inner width,
K directions, N states, R rank of the step sizes.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from beholder.backbones.scan_orders import (
    CROSS,
    ScanOrder,
    join_sequences,
    sequence_length,
    to_map,
    to_sequence,
)
from beholder.backbones.selective_scan import ScanInputs, selective_scan

MIN_STEP, MAX_STEP = 0.001, 0.1
"""Range of the step sizes at the start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanConfig:
    """Sizes of one two-dimensional scan."""

    states: int = 1
    """N, `d_state` of the papers."""
    expansion: float = 2.0
    """C / E, `ssm_ratio`."""
    step_rank: int | None = None
    """R, `dt_rank`; None: E / 16, rounded up."""
    gated: bool = False
    """Multiply the output by silu of a second projection (VMamba v0; left out from v05_noz on)."""
    convolution_bias: bool = False
    channel_gate: bool = False
    """LocalMamba's attention over channels on each direction's output."""
    engine: str | None = None
    """Of `selective_scan`; None: chosen by device."""


class ChannelGate(nn.Module):
    """Weigh the channels of a map by what its mean token says (LocalMamba's BiAttn)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)
        self.reduce = nn.Linear(channels, channels // 8)
        self.select = nn.Linear(channels // 8, channels)

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, C] to the same shape."""
        mean = self.norm(maps).mean((1, 2), keepdim=True)
        weights = torch.sigmoid(self.select(functional.gelu(self.reduce(mean))))
        return maps * weights


class SS2D(nn.Module):
    """Read a map in several orders, scan each sequence, put them back and add them up."""

    def __init__(
        self, channels: int, config: ScanConfig, *, orders: tuple[ScanOrder, ...] = CROSS
    ) -> None:
        super().__init__()
        inner = int(config.expansion * channels)
        rank = config.step_rank or math.ceil(channels / 16)
        count, states = len(orders), config.states
        self.config, self.orders, self.rank = config, orders, rank
        self.in_proj = nn.Linear(channels, inner * (2 if config.gated else 1), bias=False)
        self.convolve = nn.Conv2d(
            inner, inner, 3, padding=1, groups=inner, bias=config.convolution_bias
        )
        self.x_proj_weight = nn.Parameter(torch.empty(count, rank + 2 * states, inner))
        self.dt_projs_weight = nn.Parameter(torch.empty(count, inner, rank))
        self.dt_projs_bias = nn.Parameter(torch.empty(count, inner))
        self.A_logs = nn.Parameter(torch.empty(count * inner, states))
        self.Ds = nn.Parameter(torch.ones(count * inner))
        self.gate = ChannelGate(inner) if config.channel_gate else nn.Identity()
        self.out_norm = nn.LayerNorm(inner)
        self.out_proj = nn.Linear(inner, channels, bias=False)
        self._initialise()

    @torch.no_grad()
    def _initialise(self) -> None:
        """Draw the scan's own parameters as Mamba does: slow decays, small steps."""
        bound = self.x_proj_weight.shape[2] ** -0.5
        nn.init.uniform_(self.x_proj_weight, -bound, bound)
        bound = self.rank**-0.5
        nn.init.uniform_(self.dt_projs_weight, -bound, bound)
        low, high = math.log(MIN_STEP), math.log(MAX_STEP)
        steps = torch.exp(torch.rand_like(self.dt_projs_bias) * (high - low) + low)
        # The inverse of softplus, so that the steps begin at what was drawn.
        self.dt_projs_bias.copy_(steps + torch.log(-torch.expm1(-steps)))
        self.A_logs.copy_(torch.arange(1, self.A_logs.shape[1] + 1).log().expand_as(self.A_logs))

    def forward(self, maps: Tensor) -> Tensor:
        """Map [B, H, W, E] to the same shape."""
        inner = self.in_proj(maps)
        gate = None
        if self.config.gated:
            inner, gate = inner.chunk(2, dim=-1)
        inner = self.convolve(inner.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        out = self.out_norm(self._scan(functional.silu(inner)))
        if gate is not None:
            out = out * functional.silu(gate)
        result: Tensor = self.out_proj(out)
        return result

    def _scan(self, maps: Tensor) -> Tensor:
        """Run all directions over maps [B, H, W, C] and add them up."""
        height, width = maps.shape[1:3]
        values = join_sequences([to_sequence(maps, order) for order in self.orders])
        steps, write, read = self._project(maps)
        y = selective_scan(
            ScanInputs(
                u=values.transpose(2, 3),
                delta=steps.transpose(2, 3),
                A=-torch.exp(self.A_logs.float()),
                B=write.transpose(2, 3),
                C=read.transpose(2, 3),
                D=self.Ds,
                delta_softplus=True,
            ),
            engine=self.config.engine,
        )
        found = []
        for order, tokens in zip(self.orders, y.transpose(2, 3).unbind(1), strict=True):
            length = sequence_length(order, height=height, width=width)
            found.append(self.gate(to_map(tokens[:, :length], order, height=height, width=width)))
        return functools.reduce(torch.add, found)

    def _project(self, maps: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return step sizes [B, K, L, C], and B and C [B, K, L, N], from maps [B, H, W, C].

        They are read off the map before it is put in order, because they have fewer channels to
        move; zeros of padding stay zeros, since the projection has no bias.
        """
        # One matrix for all directions: K * (R + 2 N) channels.
        small = functional.linear(maps, self.x_proj_weight.flatten(0, 1))
        parts = small.chunk(len(self.orders), dim=-1)
        tokens = join_sequences(
            [to_sequence(part, order) for part, order in zip(parts, self.orders, strict=True)]
        )
        states = self.config.states
        ranks, write, read = tokens.split([self.rank, states, states], dim=-1)
        return self._steps(ranks), write, read

    def _steps(self, ranks: Tensor) -> Tensor:
        """Return step sizes before softplus, [B, K, L, C], from their factors [B, K, L, R]."""
        batch = ranks.shape[0]
        bias = self.dt_projs_bias.repeat(batch, 1)[:, None]
        weights = self.dt_projs_weight.transpose(1, 2).repeat(batch, 1, 1)
        # Adding the bias inside the product saves a pass over the largest tensor there is.
        steps = torch.baddbmm(bias, ranks.flatten(0, 1), weights)
        return steps.unflatten(0, (batch, -1))
