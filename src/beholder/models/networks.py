"""Every network that a run may hold, by name."""

from __future__ import annotations

from torch import nn

from beholder.cards import EMBEDDED
from beholder.errors import UnknownName
from beholder.models import embedded, qmamba

NETWORKS = (EMBEDDED, *qmamba.NAMES)


def build_network(name: str) -> nn.Module:
    """Build a network of `NETWORKS` with random weights; it maps views to quality [B, 1].

    Raises:
        UnknownName: No network of that name.
    """
    if name == EMBEDDED:
        return embedded.build()
    if name in qmamba.NAMES:
        return qmamba.build(name)
    raise UnknownName(f"expected one of the networks {', '.join(NETWORKS)}, found {name!r}")
