"""The recurrence in about 2 √L steps of plain torch, with a backward pass of its own.

The tokens are cut into chunks of about √L. Step by step, but in all chunks at once, the states are
run from zero while the decays are multiplied up; then the chunks' ends are chained; then every
state receives the decayed state that entered its chunk. Only numbers in (0, 1] are multiplied, so
nothing overflows. N states are N independent recurrences over the same tokens and are run one after
another, which keeps what is touched small enough for a processor's cache.

Backward keeps only the states that entered the chunks: it runs the recurrence again from them, and
its mirror image

    g_t = read_t ∂y_t + exp(steps_{t+1} decay) g_{t+1},    g = ∂loss / ∂h,

from which ∂write = Σ_c g steps values, ∂values = Σ_n g steps write, ∂read = Σ_c ∂y h,
∂decay = Σ_t g h' steps and ∂steps = Σ_n g (h' decay + write values), where
h'_t = exp(steps_t decay) h_{t-1} is what the token left of the state before it.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from beholder.backbones.selective_scan.inputs import Recurrence

BLOCK_NUMBERS = 2**20
"""Rows of batch x group are worked on together up to this many numbers, the size of a cache."""


def scan(r: Recurrence) -> Tensor:
    """Run the recurrence on any device; the gradient costs one stored state for each chunk.

    Returns:
        y [B, G, L, C].
    """
    length = r.values.shape[2]
    size = _chunk_size(length)
    # A step of zero keeps the state, so tokens added at the end change nothing before them.
    pad = -length % size
    parts = [r.values, r.steps, r.write, r.read]
    if pad:
        parts = [functional.pad(part, (0, 0, 0, pad)) for part in parts]
    y: Tensor = _TwoLevel.apply(*parts, r.decay, size)
    return y[:, :, :length]


def _chunk_size(length: int) -> int:
    """Return the divisor of the length nearest its root from below, or the root if that is far."""
    root = max(1, math.isqrt(length))
    divisor = next(size for size in range(root, 0, -1) if length % size == 0)
    return divisor if 2 * divisor > root else root


class _TwoLevel(torch.autograd.Function):
    """Works on rows of batch x group: values and steps [R, L, C], write and read [R, L, N]."""

    @staticmethod
    def forward(ctx: Any, *tensors: Any) -> Tensor:
        values, steps, write, read, decay, size = tensors
        y = torch.empty_like(values, memory_format=torch.contiguous_format)
        chunks = values.shape[2] // size
        carries = values.new_empty(*values.shape[:2], decay.shape[2], chunks, values.shape[3])
        rows = [x.flatten(0, 1) for x in (values, steps, write, read, y, carries)]
        decays = decay.expand(len(values), *decay.shape).flatten(0, 1)
        for part in _blocks(rows[0]):
            *given, out, carry = (x[part] for x in rows)
            _forward_block(given, decays[part], size, out=out, carry=carry)
        ctx.save_for_backward(values, steps, write, read, decay, carries)
        ctx.size = size
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        values, steps, write, read, decay, carries = ctx.saved_tensors
        rows = [x.flatten(0, 1) for x in (values, steps, write, read, grads[0], carries)]
        decays = decay.expand(len(values), *decay.shape).flatten(0, 1)
        results = [
            _backward_block([x[p] for x in rows], decays[p], ctx.size) for p in _blocks(rows[0])
        ]
        found = [torch.cat(parts) for parts in zip(*results, strict=True)]
        shaped = [x.unflatten(0, values.shape[:2]) for x in found]
        return (*shaped[:4], shaped[4].sum(0), None)


def _blocks(rows: Tensor) -> list[slice]:
    step = max(1, BLOCK_NUMBERS // rows[0].numel())
    return [slice(start, start + step) for start in range(0, len(rows), step)]


def _forward_block(
    rows: list[Tensor], decay: Tensor, size: int, *, out: Tensor, carry: Tensor
) -> None:
    values, steps, write, read = rows
    taken = steps * values
    fade, state = torch.empty_like(taken), torch.empty_like(taken)
    for n in range(decay.shape[2]):
        torch.mul(steps, decay[:, None, :, n], out=fade).exp_()
        torch.mul(taken, write[:, :, n, None], out=state)
        _accumulate_(fade, state, size, carry=carry[:, n])
        if n:
            out.addcmul_(state, read[:, :, n, None])
        else:
            torch.mul(state, read[:, :, n, None], out=out)


def _backward_block(rows: list[Tensor], decay: Tensor, size: int) -> list[Tensor]:
    """Return the gradients of values, steps, write, read and decay for some rows."""
    values, steps, write, read, grad, carries = rows
    taken = steps * values
    d_taken, d_steps, d_decay = (torch.zeros_like(x) for x in (taken, steps, decay))
    d_write, d_read = torch.empty_like(write), torch.empty_like(read)
    # New memory costs as much as the sums, so every state has the same.
    state, g, product = (torch.empty_like(taken) for _ in range(3))
    carry = torch.empty_like(carries[:, 0])
    # The mirror image fades by the next token's step; after the last token nothing comes.
    fades = functional.pad(torch.empty_like(taken), (0, 0, 0, 1))
    fade, next_fade = fades[:, :-1], fades[:, 1:]
    for n in range(decay.shape[2]):
        rate, entry = decay[:, None, :, n], write[:, :, n, None]
        torch.mul(steps, rate, out=fade).exp_()
        torch.mul(taken, entry, out=state)
        _resume_(fade, state, carries[:, n])
        torch.sum(torch.mul(grad, state, out=product), -1, out=d_read[:, :, n])
        # What each token leaves of its state to the next one; a difference of states would cancel.
        kept = state.mul_(next_fade)[:, :-1]
        torch.mul(grad, read[:, :, n, None], out=g)
        _accumulate_(next_fade, g, size, carry=carry, backwards=True)
        torch.sum(torch.mul(g, taken, out=product), -1, out=d_write[:, :, n])
        d_taken.addcmul_(g, entry)
        kept.mul_(g[:, 1:])
        d_steps[:, 1:].addcmul_(kept, rate)
        d_decay[:, :, n] = kept.mul_(steps[:, 1:]).sum(1)
    d_steps.addcmul_(d_taken, values)
    return [d_taken.mul_(steps), d_steps, d_write, d_read, d_decay]


def _resume_(fade: Tensor, state: Tensor, carry: Tensor) -> None:
    """Turn state [R, L, C] into s_t = state_t + fade_t s_{t-1}, in place.

    What enters each chunk is known: `carry` [R, chunks, C].
    """
    fades, states = (x.unflatten(1, (carry.shape[1], -1)).unbind(2) for x in (fade, state))
    before = carry
    for now, left in zip(states, fades, strict=True):
        before = now.addcmul_(left, before)


def _accumulate_(
    fade: Tensor, state: Tensor, size: int, *, carry: Tensor, backwards: bool = False
) -> None:
    """Do what `_resume_` does, without knowing `carry`, and fill it in; `fade` is used up.

    Backwards, the recurrence runs from the last token: s_t = state_t + fade_t s_{t+1}.
    """
    fades, states = (x.unflatten(1, (-1, size)) for x in (fade, state))
    inner, outer = list(range(size)), list(range(fades.shape[1]))
    if backwards:
        inner.reverse()
        outer.reverse()
    fade_at, state_at = fades.unbind(2), states.unbind(2)
    for before, now in itertools.pairwise(inner):
        state_at[now].addcmul_(fade_at[now], state_at[before])
        fade_at[now].mul_(fade_at[before])
    last = inner[-1]
    ends, end_fades = state_at[last].unbind(1), fade_at[last].unbind(1)
    carries = carry.unbind(1)
    carries[outer[0]].zero_()
    for before, now in itertools.pairwise(outer):
        torch.addcmul(ends[before], end_fades[before], carries[before], out=carries[now])
    states.addcmul_(fades, carry.unsqueeze(2))
