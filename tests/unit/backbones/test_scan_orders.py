"""Orders against lists written by hand, and back again."""

import itertools

import pytest
import torch

from beholder.backbones.scan_orders import (
    ScanOrder,
    row_and_column_orders,
    sequence_length,
    to_map,
    to_sequence,
)

MAP = torch.arange(1, 7).reshape(1, 2, 3, 1)
"""1 2 3 over 4 5 6."""


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (ScanOrder(), [1, 2, 3, 4, 5, 6]),
        (ScanOrder(columns=True), [1, 4, 2, 5, 3, 6]),
        (ScanOrder(reverse=True), [6, 5, 4, 3, 2, 1]),
        (ScanOrder(columns=True, reverse=True), [6, 3, 5, 2, 4, 1]),
        (ScanOrder(window=2), [1, 2, 4, 5, 3, 0, 6, 0]),
        (ScanOrder(window=2, columns=True), [1, 4, 2, 5, 3, 6, 0, 0]),
        (ScanOrder(window=2, reverse=True), [0, 6, 0, 3, 5, 4, 2, 1]),
        (ScanOrder(window=7, shrink=True), [1, 2, 3, 4, 5, 6]),
        (ScanOrder(window=7, shrink=True, columns=True), [1, 4, 2, 5, 3, 6]),
    ],
    ids=str,
)
def test_orders_by_hand(order, expected):
    tokens = to_sequence(MAP, order)
    assert tokens.flatten().tolist() == expected
    assert sequence_length(order, height=2, width=3) == len(expected)


ORDERS = [
    order
    for window, shrink in itertools.product((None, 1, 2, 3, 7), (False, True))
    for order in row_and_column_orders(window, shrink=shrink)
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("size", [(1, 1), (4, 9), (8, 3), (7, 7)])
def test_a_map_comes_back(order, size):
    maps = torch.randn(2, *size, 3, generator=torch.Generator().manual_seed(0))
    back = to_map(to_sequence(maps, order), order, height=size[0], width=size[1])
    assert torch.equal(back, maps)
