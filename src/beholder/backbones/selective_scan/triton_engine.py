"""The recurrence on CUDA: Triton programs walk the tokens with their channels in registers.

Forward leaves the states that enter each chunk of tokens; backward takes the chunks from the last
to the first, runs a chunk's states again into a small buffer and walks it back (the equations stand
in `two_level`). Sums over the channels of several programs are added up afterwards, in a fixed
order, so that the same inputs give the same digits.

Runs on CUDA, or anywhere under `TRITON_INTERPRET=1`, for tests.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
from torch import Tensor

from beholder.backbones.selective_scan import triton_kernels
from beholder.backbones.selective_scan.inputs import Recurrence

CHUNK = 32
"""Tokens between stored states."""
BLOCK = 32
"""Channels of one program."""


def scan(r: Recurrence) -> Tensor:
    """Run the recurrence on CUDA, forward and backward.

    Returns:
        y [B, G, L, C].
    """
    y: Tensor = _Triton.apply(r.values, r.steps, r.write, r.read, r.decay)
    return y


class _Triton(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Tensor:
        given = [tensor.contiguous() for tensor in tensors]
        values, decay = given[0], given[-1]
        batch, groups, length, channels = values.shape
        chunks = triton.cdiv(length, CHUNK)
        entering = values.new_empty(batch, groups, chunks, channels, decay.shape[2])
        y = torch.empty_like(values)
        triton_kernels.forward[_grid(values)](*given, y, entering, *_sizes(values, decay))
        ctx.save_for_backward(*given, entering)
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        *given, entering = ctx.saved_tensors
        values, decay = given[0], given[-1]
        batch, groups, length, _ = values.shape
        grid, states = _grid(values), decay.shape[2]
        d_values, d_steps = torch.empty_like(values), torch.empty_like(values)
        # One share of each sum over channels for every program.
        d_write, d_read = (
            values.new_empty(grid[1], batch, groups, length, states) for _ in range(2)
        )
        d_decay = values.new_empty(batch, *decay.shape)
        buffer = values.new_empty(*grid, CHUNK, BLOCK, triton.next_power_of_2(states))
        triton_kernels.backward[grid](
            *given, grads[0].contiguous(), entering, buffer,
            d_values, d_steps, d_write, d_read, d_decay, *_sizes(values, decay),
        )  # fmt: skip
        return d_values, d_steps, d_write.sum(0), d_read.sum(0), d_decay.sum(0)


def _grid(values: Tensor) -> tuple[int, int]:
    batch, groups, _, channels = values.shape
    return batch * groups, triton.cdiv(channels, BLOCK)


def _sizes(values: Tensor, decay: Tensor) -> tuple[int, ...]:
    _, groups, length, channels = values.shape
    states = decay.shape[2]
    return groups, length, channels, states, triton.next_power_of_2(states), CHUNK, BLOCK
