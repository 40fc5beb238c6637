"""The network inside the wheel: small trunks read at four depths, and a head of several members.

Trunks: MobileNetV1 and V2 (`backbones.mobilenets`); public ImageNet weights (Apache-2.0) are their
start. Ours: quality is read off the mean of the maps at strides 4, 8, 16 and 32 and the spread of
the first three, because blur, noise and coding artefacts show in the early maps and what the
picture is of in the late ones. The head is that of PTM-VQA (`models.ptm_vqa`) with its models
concatenated: members of one shape, with starts and dropout of their own, whose mean is the answer.

Axis letters: B batch, H height, W width, D features, E members.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from beholder.backbones.mobilenets import build_trunk
from beholder.errors import ModelError


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Which trunks, and the sizes of the head."""

    trunks: tuple[str, ...] = ("mobilenet_v1",)
    """Names of `mobilenets.TRUNKS`."""
    members: int = 8
    hidden: int = 64
    """Width of the first layer of a member, for each trunk."""
    width: int = 32
    """Width of the second."""
    input_dropout: float = 0.1
    hidden_dropout: float = 0.2


class Layer(nn.Module):
    """A fully connected layer of each member, with layer normalisation and GELU."""

    def __init__(self, members: int, inputs: int, outputs: int, *, shared_input: bool) -> None:
        super().__init__()
        shape = (inputs, members * outputs) if shared_input else (members, inputs, outputs)
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-(inputs**-0.5), inputs**-0.5))
        self.bias = nn.Parameter(torch.zeros(members, outputs))
        self.gain = nn.Parameter(torch.ones(members, outputs))
        self.shift = nn.Parameter(torch.zeros(members, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, inputs] that all members share, or [B, E, inputs], to [B, E, outputs]."""
        if self.weight.ndim == 2:
            x = (x @ self.weight).unflatten(1, self.bias.shape)
        else:
            x = (x.transpose(0, 1) @ self.weight).transpose(0, 1)
        normed = F.layer_norm(x + self.bias, x.shape[-1:])
        return F.gelu(normed * self.gain + self.shift)


class Members(nn.Module):
    """Several small networks side by side, each with an answer of its own."""

    def __init__(self, config: Config, sizes: list[int]) -> None:
        super().__init__()
        self.sizes = sizes
        self.transforms = nn.ModuleList(_transform(config, size) for size in sizes)
        # The first prediction is the middle of the scale for every picture.
        self.weight = nn.Parameter(torch.zeros(config.members, config.width * len(sizes)))
        self.bias = nn.Parameter(torch.full((config.members,), 0.5))

    def forward(self, scaled: Tensor) -> Tensor:
        """Map scaled features [B, D] to the quality that each member says, [B, E]."""
        return (self._common(scaled) * self.weight).sum(2) + self.bias

    def mean(self, scaled: Tensor) -> Tensor:
        """Map scaled features [B, D] to the mean over members, [B, 1]."""
        # As one product: what stands before it are the features of this model in a pool.
        weight = self.weight.flatten()[None] / len(self.bias)
        return F.linear(self._common(scaled).flatten(1), weight, self.bias.mean()[None])

    def _common(self, scaled: Tensor) -> Tensor:
        """Bring features into the common space of each member: [B, E, width * trunks]."""
        parts = scaled.split(self.sizes, dim=1)
        return torch.cat([t(part) for t, part in zip(self.transforms, parts, strict=True)], dim=2)


class EmbeddedModel(nn.Module):
    """Image quality from RGB views: `forward` is `head(features(views))`."""

    feature_mean: Tensor
    """Of each feature under the starting trunks, [D]."""
    feature_std: Tensor
    """Of each feature under the starting trunks, [D]."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        trunks = {name: build_trunk(name) for name in config.trunks}
        self.trunks = nn.ModuleDict(trunks)
        sizes = [_num_features(trunk.channels) for trunk in trunks.values()]
        self.num_features = sum(sizes)
        self.register_buffer("feature_mean", torch.zeros(self.num_features))
        self.register_buffer("feature_std", torch.ones(self.num_features))
        self.regress = Members(config, sizes)

    def features(self, views: Tensor) -> Tensor:
        """Describe each view by the mean and spread of the trunks' maps.

        Args:
            views: float [B, 3, H, W], normalised; H and W are multiples of 32.

        Returns:
            float32 [B, D].
        """
        return torch.cat([_read(trunk(views)) for trunk in self.trunks.values()], dim=1)

    def members(self, features: Tensor) -> Tensor:
        """Map features [B, D] to the quality that each member says, [B, E]."""
        said: Tensor = self.regress(self._scale(features))
        return said

    def head(self, features: Tensor) -> Tensor:
        """Map features [B, D] to the mean over members, [B, 1]: about 0..1, higher is better."""
        return self.regress.mean(self._scale(features))

    def _scale(self, features: Tensor) -> Tensor:
        return ((features - self.feature_mean) / self.feature_std).clamp(-6, 6)

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, 3, H, W] to quality [B, 1]; while training to what each member says."""
        features = self.features(views)
        return self.members(features) if self.training else self.head(features)

    @torch.no_grad()
    def standardise(self, features: Tensor) -> None:
        """Fix the scale of the head's inputs from example features [items, D]."""
        self.feature_mean.copy_(features.mean(0))
        self.feature_std.copy_(features.std(0) + 1e-4)

    @torch.no_grad()
    def round_to_half(self) -> None:
        """Bring every weight to the nearest number of half precision.

        The arithmetic stays float32; an exported file then holds the weights in half of the bytes.
        """
        for parameter in self.parameters():
            if parameter.ndim > 1:
                parameter.copy_(parameter.half().float())

    def trunk_parameters(self) -> list[nn.Parameter]:
        """Return the parameters below the head."""
        return list(self.trunks.parameters())


def build(config: Config | None = None) -> EmbeddedModel:
    """Build the network with random weights."""
    return EmbeddedModel(config or Config())


def build_like(state: Mapping[str, Tensor]) -> EmbeddedModel:
    """Build the network that has such weights, with random ones.

    Raises:
        ModelError: They are of another kind of network.
    """
    trunks = tuple(dict.fromkeys(n.split(".")[1] for n in state if n.startswith("trunks.")))
    try:
        members, hidden, width = state["regress.transforms.0.3.weight"].shape
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"expected weights of the embedded network, found {', '.join(list(state)[:3])} ...; "
            "train the run again"
        ) from error
    return build(Config(trunks=trunks, members=members, hidden=hidden, width=width))


def _transform(config: Config, size: int) -> nn.Module:
    return nn.Sequential(
        nn.Dropout(config.input_dropout),
        Layer(config.members, size, config.hidden, shared_input=True),
        nn.Dropout(config.hidden_dropout),
        Layer(config.members, config.hidden, config.width, shared_input=False),
    )


def _num_features(channels: tuple[int, ...]) -> int:
    return sum(channels) + sum(channels[:-1])


def _read(maps: list[Tensor]) -> Tensor:
    """Return the means of all maps and the spreads of all but the last, [B, D], in float32."""
    maps = [m.float() for m in maps]
    means = [m.mean((2, 3)) for m in maps]
    spreads = [_spread(m, mean) for m, mean in zip(maps[:-1], means, strict=False)]
    return torch.cat([*means, *spreads], dim=1)


def _spread(maps: Tensor, mean: Tensor) -> Tensor:
    """Return the standard deviation over H and W of [B, C, H, W], as [B, C]."""
    centred = maps - mean[:, :, None, None]
    return (centred.square().mean((2, 3)) + 1e-6).sqrt()
