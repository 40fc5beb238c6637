"""PTM-VQA: what many frozen models see, brought into one space, fused, and read off as quality.

Source: Yuan et al., PTM-VQA, CVPR 2024. Each frozen model has a transform of two fully connected
layers, each with normalisation and GELU; the fusion weighs models by their Davies-Bouldin index.
Ours, where the paper's public parts are silent: layer normalisation; the fusion as a weighted sum;
a frozen reduction before the first layer (`models.ptm_frozen`), which makes the trained part small
and quick; several members, which are networks of one shape with starts and coins of their own whose
mean is the answer; a frozen kernel regression, mixed into it; and ranks in place of opinions.

Axis letters: M models, E members, B samples, D features of one model, R reduced, H hidden, C common
space, F inputs of a member's head.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from beholder.errors import ModelError, UsageError
from beholder.models.ptm_frozen import KernelPath, RankScale, Reduction, join

Fusion = Literal["sum", "concat"]

CONFIG, WEIGHTS = "head.json", "model.safetensors"
_COIN_SIDES = 256


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Which models, and the sizes of what is trained."""

    models: tuple[str, ...]
    """Frozen models, in the order of all arrays."""
    dims: tuple[int, ...]
    """D of each."""
    weights: tuple[float, ...]
    """Of the fusion, above 0, summing to 1."""
    reduced: int = 256
    """R: principal components that are kept of each model."""
    hidden: int = 48
    width: int = 32
    """C, of the common space."""
    members: int = 4
    """E: trained side by side on the same batches; their mean is the answer."""
    input_dropout: float = 0.1
    hidden_dropout: float = 0.2
    """Both 0 or more and below 1; kept to a 256th."""
    fusion: Fusion = "sum"
    kernel_share: float = 0.5
    """Of the kernel path in the answer, 0..1; the rest is the members'."""
    landmarks: int = 0
    """L: training items that the kernel path keeps; 0: there is none."""
    rank_levels: int = 0
    """Levels of opinion between which ranks are learned; 0: opinions are learned as they are."""

    def __post_init__(self) -> None:
        """Refuse lists that do not belong together."""
        lengths = {len(self.models), len(self.dims), len(self.weights)}
        if len(lengths) != 1 or 0 in lengths or min(self.weights) <= 0:
            raise UsageError(
                "expected one width and one weight above 0 for each model, found "
                f"{len(self.models)} models, widths {self.dims} and weights {self.weights}"
            )
        rates = (self.input_dropout, self.hidden_dropout)
        if self.rank_levels == 1 or self.rank_levels < 0:
            raise UsageError(f"expected 0 or 2 rank levels or more, found {self.rank_levels}")
        if self.members < 1 or min(rates) < 0 or max(rates) >= 1 or not 0 <= self.kernel_share <= 1:
            raise UsageError(
                "expected one member or more, dropout of 0 or more and below 1, and a kernel share "
                f"of 0..1, found {self.members}, {rates} and {self.kernel_share}"
            )

    def to_json(self) -> str:
        """Write the config as JSON."""
        return json.dumps(dataclasses.asdict(self), indent=1) + "\n"

    @staticmethod
    def from_json(text: str) -> Config:
        """Read what `to_json` wrote; raises `ModelError` for anything else."""
        try:
            data: dict[str, Any] = json.loads(text)
            lists = {name: tuple(data[name]) for name in ("models", "dims", "weights")}
            return Config(**{**data, **lists})
        except (ValueError, TypeError, KeyError) as error:
            raise ModelError(
                f"expected the config of a fused head, found {error!r}; train the run again"
            ) from error


class Transforms(nn.Module):
    """M times E transforms of two layers, side by side: [M, B, R] to [M, E, B, C]."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        models, members = len(config.models), config.members
        self.dropout = (config.input_dropout, config.hidden_dropout)
        # The members read the same inputs: their first layers are one product.
        first = (models, config.reduced, members * config.hidden)
        second = (models * members, config.hidden, config.width)
        self.weights = nn.ParameterList(_uniform(shape) for shape in (first, second))
        sizes = (config.hidden, config.width)
        rows = [(models, members, 1, size) for size in sizes]
        self.biases = nn.ParameterList(torch.zeros(shape) for shape in rows)
        self.gains = nn.ParameterList(torch.ones(shape) for shape in rows)
        self.shifts = nn.ParameterList(torch.zeros(shape) for shape in rows)

    def forward(self, x: Tensor) -> Tensor:
        """Bring every model's features into the common space of each member."""
        models, members, _, hidden = self.biases[0].shape
        x = torch.bmm(_drop(x, self.dropout[0], training=self.training), self.weights[0])
        x = x.unflatten(2, (members, hidden)).transpose(1, 2)
        x = _drop(self._activate(x, 0), self.dropout[1], training=self.training)
        x = torch.bmm(x.flatten(0, 1), self.weights[1]).unflatten(0, (models, members))
        return self._activate(x, 1)

    def _activate(self, x: Tensor, layer: int) -> Tensor:
        x = F.layer_norm(x + self.biases[layer], x.shape[-1:])
        return F.gelu(x * self.gains[layer] + self.shifts[layer])


class PtmVqa(nn.Module):
    """Quality from features of frozen models: `forward` is `head(features(views))`.

    A view is here what the frozen models say: one tensor [B, D] for each of `config.models`.
    """

    fusion_weights: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.reductions = nn.ModuleList(Reduction(dim, config.reduced) for dim in config.dims)
        self.kernel = KernelPath(config.landmarks, len(config.models) * config.reduced)
        self.ranks = RankScale(config.rank_levels) if config.rank_levels else None
        self.transforms = Transforms(config)
        weights = torch.tensor(config.weights)
        self.register_buffer("fusion_weights", weights / weights.sum())
        share = len(config.models) if config.fusion == "concat" else 1
        # A row for each member.
        self.regress = nn.Linear(config.width * share, config.members)
        # The first prediction is the middle of the scale for everything.
        nn.init.zeros_(self.regress.weight)
        nn.init.constant_(self.regress.bias, 0.5)

    def fit_frozen(self, views: Sequence[Tensor], mos: Tensor) -> Tensor:
        """Fix what is not trained, by training features, one [items, D] per model, and opinions.

        Returns:
            The reduced features [M, items, R], for `from_reduced`.
        """
        if self.ranks is not None:
            self.ranks.fit(mos)
        for reduction, view in zip(self.reductions, views, strict=True):
            cast("Reduction", reduction).fit(view)
        reduced = self.reduce(views)
        if self.config.landmarks:
            self.kernel.fit(join(reduced, self.fusion_weights), self.target(mos))
        return reduced

    def target(self, mos: Tensor) -> Tensor:
        """Map opinions to what members and kernel path learn: themselves, or their ranks."""
        return mos if self.ranks is None else self.ranks.to_rank(mos)

    def reduce(self, views: Sequence[Tensor]) -> Tensor:
        """Apply the frozen first step to one tensor [B, D] per model; gives [M, B, R]."""
        return torch.stack([r(v) for r, v in zip(self.reductions, views, strict=True)])

    def fuse(self, common: Tensor) -> Tensor:
        """Join what the models say in the common space, [M, E, B, C], to [E, B, F]; F is C.

        With fusion `concat`, kept for comparison, F is M * C and there are no weights.
        """
        if self.config.fusion == "concat":
            return common.permute(1, 2, 0, 3).flatten(2)
        return torch.einsum("m,mebc->ebc", self.fusion_weights, common)

    def from_reduced(self, reduced: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run the trained part on [M, B, R], which training computes once for all items.

        Returns:
            What each model says in the common space [M, E, B, C], the fused [E, B, F], and the
            quality (or rank) that each member says [E, B].
        """
        common = self.transforms(reduced)
        fused = self.fuse(common)
        return common, fused, self._regress(fused)

    def features(self, views: Sequence[Tensor]) -> Tensor:
        """Map features of the frozen models, one [B, D] each, to what the head reads.

        Returns:
            [B, E * F], the fused features of all members; with a kernel path its quality follows.
        """
        reduced = self.reduce(views)
        fused = self.fuse(self.transforms(reduced)).transpose(0, 1).flatten(1)
        if not self.config.landmarks:
            return fused
        quality = self.kernel(join(reduced, self.fusion_weights))
        return torch.cat([fused, quality[:, None]], dim=1)

    def head(self, features: Tensor) -> Tensor:
        """Map what `features` gives to quality [B, 1]: about 0..1, higher is better."""
        members, size = self.regress.weight.shape
        fused = features[:, : members * size].unflatten(1, (members, size)).transpose(0, 1)
        quality = self._regress(fused).mean(0)[:, None]
        if self.config.landmarks:
            quality = quality.lerp(features[:, -1:], self.config.kernel_share)
        return quality if self.ranks is None else self.ranks.to_opinion(quality)

    def forward(self, views: Sequence[Tensor]) -> Tensor:
        """Map features of the frozen models, one [B, D] each, to quality [B, 1]."""
        return self.head(self.features(views))

    def _regress(self, fused: Tensor) -> Tensor:
        return torch.einsum("ebf,ef->eb", fused, self.regress.weight) + self.regress.bias[:, None]


def build(config: Config) -> PtmVqa:
    """Make the network with random transforms and reductions that are not fitted yet."""
    return PtmVqa(config)


def load_head(run: Path) -> Callable[[Mapping[str, np.ndarray]], float]:
    """Load what a run trained.

    Args:
        run: Folder with `head.json` and `model.safetensors`.

    Returns:
        A function from the features of one clip, float32 [D] by model, to the raw quality.

    Raises:
        ModelError: The run holds no such head.
    """
    model = load_model(run)

    def head(features: Mapping[str, np.ndarray]) -> float:
        views = [torch.from_numpy(features[name][None]) for name in model.config.models]
        with torch.inference_mode():
            return float(model(views))

    return head


def load_model(run: Path) -> PtmVqa:
    """Load the network of a run, in evaluation mode; raises as `load_head`."""
    from safetensors.torch import load_file

    try:
        model = build(Config.from_json((run / CONFIG).read_text(encoding="utf-8")))
        model.load_state_dict(load_file(run / WEIGHTS))
    except (OSError, RuntimeError) as error:
        raise ModelError(
            f"expected {CONFIG} and {WEIGHTS} of one run in {str(run)!r}, found: {error}; "
            "train the run again"
        ) from error
    return model.eval()


def common_space(model: PtmVqa, features: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Bring features of frozen models into the common space.

    Args:
        model: In evaluation mode.
        features: float32 [N, D] by model, those of `model.config` at least.

    Returns:
        float32 [N, E * C] by model, and under `fused` what the members' heads read.
    """
    views = [torch.from_numpy(features[name]) for name in model.config.models]
    with torch.inference_mode():
        common, fused, _ = model.from_reduced(model.reduce(views))
    named = {**dict(zip(model.config.models, common, strict=True)), "fused": fused}
    return {name: h.transpose(0, 1).flatten(1).numpy() for name, h in named.items()}


def _uniform(shape: tuple[int, int, int]) -> Tensor:
    bound: float = shape[1] ** -0.5
    return nn.init.uniform_(torch.empty(shape), -bound, bound)


def _drop(x: Tensor, rate: float, *, training: bool) -> Tensor:
    """Drop out, as torch's own does, at an eighth of its cost: eight coins from a random number."""
    if not training or rate == 0:
        return x
    lost = min(round(rate * _COIN_SIDES), _COIN_SIDES - 1)
    numbers = torch.randint(-(2**63), 2**63 - 1, (x.numel() // 8 + 1,))
    coins = numbers.view(torch.uint8)[: x.numel()].view(x.shape)
    return x * (coins >= lost) * (_COIN_SIDES / (_COIN_SIDES - lost))
