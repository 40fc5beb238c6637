"""From a map to sequences of tokens and back: the orders in which state-space networks read.

Liu et al., *VMamba*, 2024 (rows, columns, and both reversed); Huang et al., *LocalMamba*, 2024
(inside windows, window by window). The released LocalMamba reads columns back wrongly where height
and width differ; here `unscan` is the true inverse, which changes nothing for squares.

Axis letters: B batch, H height, W width, L tokens, C channels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, kw_only=True, slots=True)
class ScanOrder:
    """One way through a map."""

    columns: bool = False
    """Columns first: down, then right; inside windows, and from window to window, alike."""
    reverse: bool = False
    """The whole sequence from its end."""
    window: int | None = None
    """Side of the windows that are read one after another; None: the map is one window.

    A map that windows do not fit is padded with zeros below and on the right, and the zeros are
    part of the sequence.
    """


def row_and_column_orders(window: int | None = None) -> tuple[ScanOrder, ...]:
    """Return the four orders of VMamba: rows, columns, then both reversed."""
    return tuple(
        ScanOrder(columns=columns, reverse=reverse, window=window)
        for reverse in (False, True)
        for columns in (False, True)
    )


CROSS = row_and_column_orders()


def to_sequence(maps: Tensor, order: ScanOrder) -> Tensor:
    """Read maps [B, H, W, C] as sequences [B, L, C]; L is H * W, or more with padded windows."""
    if order.window is None:
        tokens = (maps.transpose(1, 2) if order.columns else maps).flatten(1, 2)
    else:
        tokens = _cut(_pad(maps, order.window), order.window, columns=order.columns)
    return tokens.flip(1) if order.reverse else tokens


def to_map(tokens: Tensor, order: ScanOrder, *, height: int, width: int) -> Tensor:
    """Put sequences [B, L, C] back to maps [B, H, W, C]: undo `to_sequence`, padding included."""
    tokens = tokens.flip(1) if order.reverse else tokens
    if order.window is not None:
        return _join(tokens, order, height=height, width=width)
    if order.columns:
        return tokens.unflatten(1, (width, height)).transpose(1, 2)
    return tokens.unflatten(1, (height, width))


def join_sequences(sequences: list[Tensor]) -> Tensor:
    """Stack sequences [B, L_k, C] as [B, K, L, C], where L is the longest."""
    longest = max(tokens.shape[1] for tokens in sequences)
    return torch.stack([_lengthen(tokens, longest) for tokens in sequences], dim=1)


def sequence_length(order: ScanOrder, *, height: int, width: int) -> int:
    """Return how many tokens a map of that size has in an order."""
    if order.window is None:
        return height * width
    w = order.window
    return ((height + w - 1) // w) * ((width + w - 1) // w) * w * w


def _lengthen(tokens: Tensor, length: int) -> Tensor:
    if not torch.compiler.is_exporting() and tokens.shape[1] == length:
        return tokens
    return functional.pad(tokens, (0, 0, 0, length - tokens.shape[1]))


def _pad(maps: Tensor, window: int) -> Tensor:
    return functional.pad(maps, (0, 0, 0, -maps.shape[2] % window, 0, -maps.shape[1] % window))


def _cut(maps: Tensor, window: int, *, columns: bool) -> Tensor:
    """Cut padded maps into windows and read these one by one."""
    down, right = maps.shape[1] // window, maps.shape[2] // window
    # [B, window row, row, window column, column, C]
    parts = maps.reshape(maps.shape[0], down, window, right, window, maps.shape[3])
    axes = (0, 3, 1, 4, 2, 5) if columns else (0, 1, 3, 2, 4, 5)
    return parts.permute(axes).flatten(1, 4)


def _join(tokens: Tensor, order: ScanOrder, *, height: int, width: int) -> Tensor:
    window = order.window or 1
    down, right = (height + window - 1) // window, (width + window - 1) // window
    # `len` would fix the batch size of an exported network, `shape` does not.
    batch = tokens.shape[0]
    if order.columns:
        parts = tokens.reshape(batch, right, down, window, window, -1)
        parts = parts.permute(0, 2, 4, 1, 3, 5)
    else:
        parts = tokens.reshape(batch, down, right, window, window, -1)
        parts = parts.permute(0, 1, 3, 2, 4, 5)
    maps = parts.reshape(batch, down * window, right * window, -1)
    return maps[:, :height, :width]
