"""LoRA: a product of two thin matrices beside every linear layer.

Hu et al., *LoRA: Low-Rank Adaptation of Large Language Models*, 2021, with alpha equal to the rank,
so that the product is added as it is.

Axis letters: R rank.
"""

from __future__ import annotations

from torch import Tensor, nn

from beholder.models.tuning.adapted import layers_of, replace_layer


class LowRank(nn.Module):
    """layer(x) + up(down(x)); `up` is zero at the start."""

    operations_per_number = 1

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Linear(layer.in_features, rank, bias=False)
        self.up = nn.Linear(rank, layer.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Map [..., in] to [..., out]."""
        out: Tensor = self.layer(x) + self.up(self.down(x))
        return out


def add_low_rank(backbone: nn.Module, rank: int) -> None:
    """Put two thin matrices beside every linear layer of a backbone."""
    for name in layers_of(backbone, (nn.Linear,)):
        layer = backbone.get_submodule(name)
        if isinstance(layer, nn.Linear):
            replace_layer(backbone, name, LowRank(layer, rank))
