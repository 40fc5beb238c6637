"""The kernels of `triton_engine`: what one program does, token after token.

A program owns one row of batch x group and `BLOCK` channels with all their states. Pointers lead to
contiguous tensors laid out as `inputs.Recurrence` says; Triton has no types for them.
"""

import triton
import triton.language as tl


@triton.jit
def forward(
    values, steps, write, read, decay, y, entering,
    groups, length, channels,
    STATES: tl.constexpr, PADDED: tl.constexpr, CHUNK: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Write y [B, G, L, C] and the states that enter each chunk [B, G, chunks, C, N]."""
    row = tl.program_id(0).to(tl.int64)
    c = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    n = tl.arange(0, PADDED)
    has_c, has_n = c < channels, n < STATES
    has = has_c[:, None] & has_n[None, :]
    place = c[:, None] * STATES + n[None, :]
    rate = tl.load(decay + (row % groups) * channels * STATES + place, mask=has, other=0.0)
    state = tl.zeros((BLOCK, PADDED), dtype=rate.dtype)
    chunks = tl.cdiv(length, CHUNK)
    for chunk in range(chunks):
        at_chunk = (row * chunks + chunk) * channels * STATES
        tl.store(entering + at_chunk + place, state, mask=has)
        for t in range(chunk * CHUNK, min(chunk * CHUNK + CHUNK, length)):
            token = row * length + t
            value = tl.load(values + token * channels + c, mask=has_c, other=0.0)
            step = tl.load(steps + token * channels + c, mask=has_c, other=0.0)
            entry = tl.load(write + token * STATES + n, mask=has_n, other=0.0)
            exit_ = tl.load(read + token * STATES + n, mask=has_n, other=0.0)
            state = tl.exp(step[:, None] * rate) * state + (step * value)[:, None] * entry[None, :]
            tl.store(y + token * channels + c, tl.sum(state * exit_[None, :], 1), mask=has_c)


@triton.jit
def backward(
    values, steps, write, read, decay, d_y, entering, buffer,
    d_values, d_steps, d_write, d_read, d_decay,
    groups, length, channels,
    STATES: tl.constexpr, PADDED: tl.constexpr, CHUNK: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    """Write the gradients; those summed over C once per block of channels, [blocks, B, G, L, N]."""
    row = tl.program_id(0).to(tl.int64)
    c = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    n = tl.arange(0, PADDED)
    has_c, has_n = c < channels, n < STATES
    has = has_c[:, None] & has_n[None, :]
    place = c[:, None] * STATES + n[None, :]
    rate = tl.load(decay + (row % groups) * channels * STATES + place, mask=has, other=0.0)
    chunks = tl.cdiv(length, CHUNK)
    program = row * tl.num_programs(1) + tl.program_id(1)
    inside = tl.arange(0, BLOCK)[:, None] * PADDED + n[None, :]
    mine = buffer + program * CHUNK * BLOCK * PADDED + inside
    share = (tl.program_id(1).to(tl.int64) * tl.num_programs(0) + row) * length
    # What the later tokens ask of the state that is left now, and the sum for the decay.
    asked = tl.zeros((BLOCK, PADDED), dtype=rate.dtype)
    d_rate = tl.zeros((BLOCK, PADDED), dtype=rate.dtype)
    for back in range(chunks):
        chunk = chunks - 1 - back
        first, end = chunk * CHUNK, min(chunk * CHUNK + CHUNK, length)
        at_chunk = (row * chunks + chunk) * channels * STATES
        state = tl.load(entering + at_chunk + place, mask=has, other=0.0)
        tl.debug_barrier()
        for t in range(first, end):
            token = row * length + t
            value = tl.load(values + token * channels + c, mask=has_c, other=0.0)
            step = tl.load(steps + token * channels + c, mask=has_c, other=0.0)
            entry = tl.load(write + token * STATES + n, mask=has_n, other=0.0)
            tl.store(mine + (t - first) * BLOCK * PADDED, state)
            state = tl.exp(step[:, None] * rate) * state + (step * value)[:, None] * entry[None, :]
        tl.debug_barrier()
        for past in range(end - first):
            t = end - 1 - past
            token = row * length + t
            value = tl.load(values + token * channels + c, mask=has_c, other=0.0)
            step = tl.load(steps + token * channels + c, mask=has_c, other=0.0)
            given = tl.load(d_y + token * channels + c, mask=has_c, other=0.0)
            entry = tl.load(write + token * STATES + n, mask=has_n, other=0.0)
            exit_ = tl.load(read + token * STATES + n, mask=has_n, other=0.0)
            fade = tl.exp(step[:, None] * rate)
            kept = fade * tl.load(mine + (t - first) * BLOCK * PADDED)
            taken = (step * value)[:, None]
            asked += given[:, None] * exit_[None, :]
            d_exit = tl.sum(given[:, None] * (kept + taken * entry[None, :]), 0)
            d_taken = tl.sum(asked * entry[None, :], 1)
            d_fade = asked * kept
            d_step = tl.sum(d_fade * rate, 1) + d_taken * value
            tl.store(d_read + (share + t) * STATES + n, d_exit, mask=has_n)
            tl.store(d_write + (share + t) * STATES + n, tl.sum(asked * taken, 0), mask=has_n)
            tl.store(d_values + token * channels + c, d_taken * step, mask=has_c)
            tl.store(d_steps + token * channels + c, d_step, mask=has_c)
            d_rate += d_fade * step[:, None]
            asked *= fade
    tl.store(d_decay + row * channels * STATES + place, d_rate, mask=has)
