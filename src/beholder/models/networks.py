"""Every network that a run may hold, by name."""

from __future__ import annotations

from torch import nn

from beholder.cards import EMBEDDED
from beholder.errors import UnknownName
from beholder.models import c2f_spatial, embedded, qmamba
from beholder.models.c2f_sizes import SPATIAL_NAMES

NETWORKS = (EMBEDDED, *qmamba.NAMES, *SPATIAL_NAMES)


def find_paper(name: str) -> str:
    """Return the source that the card of a network trained on rated pictures names."""
    if name in SPATIAL_NAMES:
        return "Yu et al., SwinV2 and coarse to fine, DCC 2024"
    return "Guan et al., QMamba, ICML 2025"


def build_network(name: str) -> nn.Module:
    """Build a network of `NETWORKS` with random weights; it maps views to quality [B, 1].

    Raises:
        UnknownName: No network of that name.
        MissingExtra: It needs packages that are not installed.
    """
    if name == EMBEDDED:
        return embedded.build()
    if name in qmamba.NAMES:
        return qmamba.build(name)
    if name in SPATIAL_NAMES:
        return c2f_spatial.build(name)
    raise UnknownName(f"expected one of the networks {', '.join(NETWORKS)}, found {name!r}")
