"""From a map to sequences of tokens and back: the orders in which state-space networks read.

Liu et al., *VMamba*, 2024 (rows, columns, and both reversed); Huang et al., *LocalMamba*, 2024
(inside windows, window by window). The released LocalMamba reads columns back wrongly where height
and width differ; here `unscan` is the true inverse, which changes nothing for squares.

Axis letters: B batch, H height, W width, L tokens, C channels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

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
    shrink: bool = False
    """Windows larger than the map shrink to its sides; otherwise the map is padded (LocalMamba)."""


def row_and_column_orders(
    window: int | None = None, *, shrink: bool = False
) -> tuple[ScanOrder, ...]:
    """Return the four orders of VMamba: rows, columns, then both reversed."""
    return tuple(
        ScanOrder(columns=columns, reverse=reverse, window=window, shrink=shrink)
        for reverse in (False, True)
        for columns in (False, True)
    )


CROSS = row_and_column_orders()


def to_sequence(maps: Tensor, order: ScanOrder) -> Tensor:
    """Read maps [B, H, W, C] as sequences [B, L, C]; L is H * W, or more with padded windows."""
    if order.window is None:
        tokens = (maps.transpose(1, 2) if order.columns else maps).flatten(1, 2)
    else:
        tokens = _cut(maps, _grid(order, maps.shape[1], maps.shape[2]), columns=order.columns)
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
    grid = _grid(order, height, width)
    return grid.down * grid.right * grid.rows * grid.columns


def _lengthen(tokens: Tensor, length: int) -> Tensor:
    if not torch.compiler.is_exporting() and tokens.shape[1] == length:
        return tokens
    return functional.pad(tokens, (0, 0, 0, length - tokens.shape[1]))


class _Grid(NamedTuple):
    """How windows lie on a padded map."""

    down: int
    """Windows from top to bottom."""
    right: int
    """Windows from left to right."""
    rows: int
    """Tokens from top to bottom of one window."""
    columns: int


def _grid(order: ScanOrder, height: int, width: int) -> _Grid:
    rows = columns = order.window or 1
    if order.shrink:
        # Not `min`, which would fix the sides of an exported network.
        rows, columns = torch.sym_min(rows, height), torch.sym_min(columns, width)
    return _Grid((height + rows - 1) // rows, (width + columns - 1) // columns, rows, columns)


def _cut(maps: Tensor, grid: _Grid, *, columns: bool) -> Tensor:
    """Pad maps, cut them into windows and read these one by one."""
    down, right, rows, across = grid
    batch, height, width, channels = maps.shape
    maps = functional.pad(maps, (0, 0, 0, right * across - width, 0, down * rows - height))
    # [B, window row, row, window column, column, C]
    parts = maps.reshape(batch, down, rows, right, across, channels)
    axes = (0, 3, 1, 4, 2, 5) if columns else (0, 1, 3, 2, 4, 5)
    return parts.permute(axes).flatten(1, 4)


def _join(tokens: Tensor, order: ScanOrder, *, height: int, width: int) -> Tensor:
    down, right, rows, across = _grid(order, height, width)
    # `len` would fix the batch size of an exported network, `shape` does not.
    batch = tokens.shape[0]
    if order.columns:
        parts = tokens.reshape(batch, right, down, across, rows, -1).permute(0, 2, 4, 1, 3, 5)
    else:
        parts = tokens.reshape(batch, down, right, rows, across, -1).permute(0, 1, 3, 2, 4, 5)
    maps = parts.reshape(batch, down * rows, right * across, -1)
    return maps[:, :height, :width]
