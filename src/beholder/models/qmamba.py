"""QMamba: image quality from a state-space vision model, and LQMamba, which scans inside windows.

Guan et al., *QMamba: On First Exploration of Vision Mamba for Image Quality Assessment*, ICML 2025.
The networks are VMamba's with a mean over the last map and one linear layer. LQMamba takes
LocalMamba's windows and channel gate into the same blocks. The numbers of parameters that the paper
tells follow from these sizes to the last digit; which windows LQMamba uses in which stage is not
told, so windows of 7 in every stage are ours: they fit all maps of a 224 x 224 picture, and the
last one is a single window. Where a map is smaller than a window, the map is the window. The nano
sizes are ours.

Axis letters: B batch, H height, W width, D features.
"""

from __future__ import annotations

from torch import Tensor, nn

from beholder.backbones.scan_orders import row_and_column_orders
from beholder.backbones.ss2d import ScanConfig
from beholder.backbones.vmamba import Config, VMamba
from beholder.errors import UnknownName

WINDOWS = (7, 7, 7, 7)
"""Side of LQMamba's windows in each stage, in tokens."""

_SHAPES: dict[str, tuple[tuple[int, ...], int]] = {
    "nano": ((1, 2, 4, 1), 24),
    "t": ((2, 2, 4, 2), 96),
    "s": ((2, 2, 15, 2), 96),
    "b": ((2, 2, 15, 2), 128),
}
"""Blocks of each stage, and channels of the first; each stage doubles them."""


def qmamba_config(size: str, *, drop_path: float = 0.0) -> Config:
    """Return the backbone of QMamba in a size of `_SHAPES`."""
    depths, width = _shape(size)
    return Config(depths=depths, widths=_widths(width), scan=ScanConfig(), drop_path=drop_path)


def lqmamba_config(
    size: str, *, windows: tuple[int, ...] = WINDOWS, drop_path: float = 0.0
) -> Config:
    """Return the backbone of LQMamba: four orders inside windows, and a channel gate."""
    depths, width = _shape(size)
    blocks = [window for depth, window in zip(depths, windows, strict=True) for _ in range(depth)]
    return Config(
        depths=depths,
        widths=_widths(width),
        scan=ScanConfig(channel_gate=True),
        orders=tuple(row_and_column_orders(window, shrink=True) for window in blocks),
        drop_path=drop_path,
    )


class QMamba(nn.Module):
    """Image quality from RGB views: `forward` is `head(features(views))`."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.backbone = VMamba(config)
        self.regress = nn.Linear(config.widths[-1], 1)

    def features(self, views: Tensor) -> Tensor:
        """Map views [B, 3, H, W], normalised as the card says, to features [B, D]; any H and W."""
        mean: Tensor = self.backbone(views)
        return mean

    def head(self, features: Tensor) -> Tensor:
        """Map features [B, D] to quality [B, 1]: higher is better."""
        quality: Tensor = self.regress(features)
        return quality

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, 3, H, W] to quality [B, 1]."""
        return self.head(self.features(views))


NAMES = tuple(f"{family}_{size}" for family in ("qmamba", "lqmamba") for size in _SHAPES)
"""Every network of this file, e.g. `qmamba_nano`, `lqmamba_b`."""


def build(name: str, *, drop_path: float = 0.0) -> QMamba:
    """Build a network of `NAMES` with random weights.

    Raises:
        UnknownName: No network of that name.
    """
    family, _, size = name.rpartition("_")
    if name not in NAMES:
        raise UnknownName(f"expected one of {', '.join(NAMES)}, found {name!r}")
    config = qmamba_config if family == "qmamba" else lqmamba_config
    return QMamba(config(size, drop_path=drop_path))


def _shape(size: str) -> tuple[tuple[int, ...], int]:
    if size not in _SHAPES:
        raise UnknownName(f"expected one of the sizes {', '.join(_SHAPES)}, found {size!r}")
    return _SHAPES[size]


def _widths(width: int) -> tuple[int, ...]:
    return tuple(width * 2**stage for stage in range(4))
