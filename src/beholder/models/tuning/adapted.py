"""Putting small trained modules around the frozen layers of a network."""

from __future__ import annotations

from collections.abc import Iterator

from torch import Tensor, nn


class Adapted(nn.Module):
    """A layer, and what changes its output."""

    def __init__(self, layer: nn.Module, adapter: nn.Module) -> None:
        super().__init__()
        self.layer = layer
        self.adapter = adapter

    def forward(self, x: Tensor) -> Tensor:
        """Map what the layer maps, to the same shape."""
        out: Tensor = self.adapter(self.layer(x))
        return out


def replace_layer(network: nn.Module, name: str, new: nn.Module) -> None:
    """Put a module in the place of the one of that dotted name."""
    parent, _, last = name.rpartition(".")
    setattr(network.get_submodule(parent), last, new)


def layers_of(network: nn.Module, kinds: tuple[type[nn.Module], ...]) -> Iterator[str]:
    """Name the layers of some kinds; the list is complete before the first is replaced."""
    yield from [name for name, layer in network.named_modules() if isinstance(layer, kinds)]
