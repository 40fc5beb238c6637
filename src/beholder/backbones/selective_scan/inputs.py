"""What the selective scan takes, and the one form in which every engine sees it.

Axis letters: B batch, D channels, L tokens, N states, G groups of channels, C channels of a group
(D = G * C).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from beholder.errors import UsageError


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanInputs:
    """The tensors of one selective scan, in the names and layouts of the Mamba paper.

    Any of float32, bfloat16, float16 (or float64, for tests); states are kept in float32.
    """

    u: Tensor
    """Values [B, D, L], or [B, G, C, L] with any strides."""
    delta: Tensor
    """Step sizes, laid out as `u`."""
    A: Tensor
    """Decay rates [D, N], negative."""
    B: Tensor
    """From value to state: [B, G, N, L], or [B, N, L] for one group, or a constant [D, N]."""
    C: Tensor
    """From state to output, laid out as `B` may be."""
    D: Tensor | None = None
    """Weight [D] of the value itself in the output."""
    z: Tensor | None = None
    """Gate laid out as `u`; the output is multiplied by silu(z)."""
    delta_bias: Tensor | None = None
    """Added to `delta`, [D]."""
    delta_softplus: bool = False
    """Whether softplus is applied to `delta` after the bias."""

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit together."""
        if self.u.shape != self.delta.shape or self.u.ndim not in (3, 4):
            raise UsageError(
                "expected u and delta of one shape [B, D, L] or [B, G, C, L], found "
                f"{list(self.u.shape)} and {list(self.delta.shape)}"
            )
        channels = self.u.shape[1:-1].numel()
        groups = {m.shape[1] for m in (self.B, self.C) if m.ndim == 4}
        if self.A.ndim != 2 or self.A.shape[0] != channels:
            raise UsageError(
                f"expected A of shape [{channels}, N] for u {list(self.u.shape)}, "
                f"found {list(self.A.shape)}"
            )
        if len(groups) > 1 or any(channels % count for count in groups):
            raise UsageError(
                f"expected B and C to divide {channels} channels into the same groups, found "
                f"{sorted(groups)}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Recurrence:
    """h_t = exp(steps_t decay) h_{t-1} + steps_t write_t values_t; y_t = Σ_n read_t h_t.

    All float32 (float64 stays); tokens before channels, because neighbouring channels are what a
    processor can work on side by side.
    """

    values: Tensor
    """[B, G, L, C]"""
    steps: Tensor
    """[B, G, L, C], after bias and softplus."""
    decay: Tensor
    """[G, C, N], negative."""
    write: Tensor
    """[B, G, L, N]"""
    read: Tensor
    """[B, G, L, N]"""


def to_recurrence(inputs: ScanInputs) -> Recurrence:
    """Bring the inputs into the engines' form; only constant B and C and casts cost memory."""
    groups = _num_groups(inputs)
    return Recurrence(
        values=_tokens_first(inputs.u, groups),
        steps=_steps(inputs, groups),
        decay=_wide(inputs.A).unflatten(0, (groups, -1)),
        write=_states(inputs.B, inputs, groups),
        read=_states(inputs.C, inputs, groups),
    )


def _num_groups(inputs: ScanInputs) -> int:
    matrices = (inputs.B, inputs.C)
    if any(matrix.ndim == 2 for matrix in matrices):
        # A constant differs from channel to channel, so each channel is a group of its own.
        return inputs.A.shape[0]
    return max(matrix.shape[1] if matrix.ndim == 4 else 1 for matrix in matrices)


def _wide(tensor: Tensor) -> Tensor:
    return tensor if tensor.dtype == torch.float64 else tensor.float()


def _tokens_first(tensor: Tensor, groups: int) -> Tensor:
    """Bring [B, D, L] or [B, G', C', L] to [B, G, L, C]: a view where G' is G."""
    if tensor.ndim == 3:
        tensor = tensor.unflatten(1, (groups, -1))
    elif tensor.shape[1] != groups:
        tensor = tensor.flatten(1, 2).unflatten(1, (groups, -1))
    return _wide(tensor).transpose(2, 3)


def _steps(inputs: ScanInputs, groups: int) -> Tensor:
    steps = _tokens_first(inputs.delta, groups)
    if inputs.delta_bias is not None:
        steps = steps + _wide(inputs.delta_bias).reshape(groups, 1, -1)
    return functional.softplus(steps) if inputs.delta_softplus else steps


def _states(matrix: Tensor, inputs: ScanInputs, groups: int) -> Tensor:
    """Bring B or C to [B, G, L, N]."""
    batch, length = inputs.u.shape[0], inputs.u.shape[-1]
    if matrix.ndim == 2:
        return _wide(matrix)[None, :, None].expand(batch, -1, length, -1)
    if matrix.ndim == 3:
        matrix = matrix[:, None]
    if matrix.shape[1] != groups:
        matrix = matrix.repeat_interleave(groups // matrix.shape[1], dim=1)
    return _wide(matrix).transpose(2, 3)
