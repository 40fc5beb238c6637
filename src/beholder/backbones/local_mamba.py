"""LocalMamba: VMamba's blocks that read inside windows, each block in four orders of its own.

Huang et al., *LocalMamba: Visual State Space Model with Windowed Selective Scan*, 2024. The orders
were searched per block and are not in the checkpoints; the lists below are facts of the release.
"""

from __future__ import annotations

from beholder.backbones.scan_orders import ScanOrder
from beholder.backbones.ss2d import ScanConfig
from beholder.backbones.vmamba import Config

_ORDERS = {
    "h": ScanOrder(),
    "v": ScanOrder(columns=True),
    "2": ScanOrder(window=2),
    "7": ScanOrder(window=7),
    "H": ScanOrder(reverse=True),
    "V": ScanOrder(columns=True, reverse=True),
    "@": ScanOrder(window=2, reverse=True),
    "&": ScanOrder(window=7, reverse=True),
}
"""Letters: rows, columns, windows of 2 and of 7, and the same reversed."""

TINY_ORDERS = "hH7& HV2@ HV@7 HvV2 hHV@ HV2@ h@7& hHvV hV7& Hv2& vV2& hHV@ V@7& HV@& Hv7&"
SMALL_ORDERS = (
    "hvV& hHv7 HvV7 Hv@7 Hv@7 HV2& HvV7 hvV7 hvV7 hvV& hHvV hvV2 vV@7 hHv2 HvV& hHvV hvV& "
    "hvV& hHV7 HV@7 HvV& vV7& hvV& HvV2 hvV@ hHv7 hH7& hV2@ hV27 hvV& Hv@7 HV7& hv7&"
)
"""One group of letters per block."""


def read_orders(letters: str) -> tuple[tuple[ScanOrder, ...], ...]:
    """Turn groups of letters into the scan orders of each block.

    Example:
        >>> read_orders("h7 v")[1]
        (ScanOrder(columns=True, reverse=False, window=None, shrink=False),)
    """
    return tuple(tuple(_ORDERS[letter] for letter in group) for group in letters.split())


def tiny() -> Config:
    """Return LocalVMamba-T, 25.5 M parameters without its classifier."""
    return local_config((2, 2, 9, 2), (96, 192, 384, 768), orders=read_orders(TINY_ORDERS))


def small() -> Config:
    """Return LocalVMamba-S, 49.0 M parameters without its classifier."""
    return local_config((2, 2, 27, 2), (96, 192, 384, 768), orders=read_orders(SMALL_ORDERS))


def local_config(
    depths: tuple[int, ...],
    widths: tuple[int, ...],
    *,
    orders: tuple[tuple[ScanOrder, ...], ...],
    states: int = 16,
) -> Config:
    """Return a network of LocalMamba's blocks: VMamba v0's with windows and a channel gate."""
    return Config(
        depths=depths,
        widths=widths,
        orders=orders,
        scan=ScanConfig(states=states, gated=True, convolution_bias=True, channel_gate=True),
        mlp_ratio=0,
        merge_patches=True,
    )
