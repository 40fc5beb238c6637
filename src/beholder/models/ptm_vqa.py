"""PTM-VQA: what many frozen models see, brought into one space, fused, and read off as quality.

Source: Yuan et al., PTM-VQA, CVPR 2024. Each frozen model has a transform of two fully connected
layers, each with normalisation and GELU; the fusion weighs models by their Davies-Bouldin index.
Ours, where the paper's public parts are silent: layer normalisation, the fusion as a weighted sum,
and a frozen reduction before the first layer (standardised, clipped, principal components of the
training part), which makes the trained part small and quick.

Axis letters: M models, B samples, D features of one model, R reduced, H hidden, C common space.
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

Fusion = Literal["sum", "concat"]

CONFIG, WEIGHTS = "head.json", "model.safetensors"
CLIP_DEVIATIONS = 3.0
"""Rare large features would otherwise carry most of the variance that the reduction keeps."""
_CONSTANT = 1e-6
_EXTRA_COMPONENTS, _POWER_STEPS = 32, 1


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
    hidden: int = 128
    width: int = 64
    """C, of the common space."""
    input_dropout: float = 0.5
    hidden_dropout: float = 0.2
    fusion: Fusion = "sum"

    def __post_init__(self) -> None:
        """Refuse lists that do not belong together."""
        lengths = {len(self.models), len(self.dims), len(self.weights)}
        if len(lengths) != 1 or 0 in lengths or min(self.weights) <= 0:
            raise UsageError(
                "expected one width and one weight above 0 for each model, found "
                f"{len(self.models)} models, widths {self.dims} and weights {self.weights}"
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


class Reduction(nn.Module):
    """Standardise, clip, project; fitted once on training features, never trained."""

    mean: Tensor
    scale: Tensor
    basis: Tensor

    def __init__(self, dim: int, reduced: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("scale", torch.ones(dim))
        self.register_buffer("basis", torch.zeros(dim, reduced))

    @torch.no_grad()
    def fit(self, features: Tensor) -> None:
        """Fix mean, scale and components by features [items, D] of the training part.

        A model of fewer than R features or items leaves its last outputs at zero.
        """
        deviation = features.std(0, correction=0)
        self.mean.copy_(features.mean(0))
        self.scale.copy_(torch.where(deviation > _CONSTANT, 1 / deviation, 0.0))
        standard = self._standardise(features)
        basis = _components(standard, self.basis.shape[1])
        # Unit mean square per output, so that all models enter their first layer alike.
        size = (standard @ basis).square().sum() / (len(features) * self.basis.shape[1])
        self.basis.zero_()
        self.basis[:, : basis.shape[1]] = basis / size.sqrt().clamp_min(_CONSTANT)

    def forward(self, features: Tensor) -> Tensor:
        """Map [B, D] to [B, R]."""
        return self._standardise(features) @ self.basis

    def _standardise(self, features: Tensor) -> Tensor:
        scaled = (features - self.mean) * self.scale
        return scaled.clamp(-CLIP_DEVIATIONS, CLIP_DEVIATIONS)


class Transforms(nn.Module):
    """M transforms of two layers each, computed side by side: [M, B, R] to [M, B, C]."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        num_models = len(config.models)
        sizes = ((config.reduced, config.hidden), (config.hidden, config.width))
        self.dropout = (config.input_dropout, config.hidden_dropout)
        self.weights = nn.ParameterList(
            nn.init.uniform_(torch.empty(num_models, *size), -(size[0] ** -0.5), size[0] ** -0.5)
            for size in sizes
        )
        self.biases = _rows(0.0, num_models, sizes)
        self.gains = _rows(1.0, num_models, sizes)
        self.shifts = _rows(0.0, num_models, sizes)

    def forward(self, x: Tensor) -> Tensor:
        """Bring every model's features into the common space."""
        layers = zip(self.weights, self.biases, self.gains, self.shifts, strict=True)
        for (weight, bias, gain, shift), dropout in zip(layers, self.dropout, strict=True):
            x = torch.baddbmm(bias, F.dropout(x, dropout, self.training), weight)
            x = F.gelu(F.layer_norm(x, x.shape[-1:]) * gain + shift)
        return x


class PtmVqa(nn.Module):
    """Quality from features of frozen models: `forward` is `head(features(views))`.

    A view is here what the frozen models say: one tensor [B, D] for each of `config.models`.
    """

    fusion_weights: Tensor

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.config = config
        self.reductions = nn.ModuleList(Reduction(dim, config.reduced) for dim in config.dims)
        self.transforms = Transforms(config)
        weights = torch.tensor(config.weights)
        self.register_buffer("fusion_weights", weights / weights.sum())
        share = len(config.models) if config.fusion == "concat" else 1
        self.regress = nn.Linear(config.width * share, 1)
        # The first prediction is the middle of the scale for everything.
        nn.init.zeros_(self.regress.weight)
        nn.init.constant_(self.regress.bias, 0.5)

    def fit_reductions(self, views: Sequence[Tensor]) -> None:
        """Fix the frozen first step by training features, one [items, D] per model."""
        for reduction, view in zip(self.reductions, views, strict=True):
            cast("Reduction", reduction).fit(view)

    def reduce(self, views: Sequence[Tensor]) -> Tensor:
        """Apply the frozen first step to one tensor [B, D] per model; gives [M, B, R]."""
        return torch.stack([r(v) for r, v in zip(self.reductions, views, strict=True)])

    def fuse(self, common: Tensor) -> Tensor:
        """Join what the models say in the common space, [M, B, C], to [B, C].

        With fusion `concat`, kept for comparison, the result is [B, M * C] and has no weights.
        """
        if self.config.fusion == "concat":
            return common.transpose(0, 1).flatten(1)
        return torch.einsum("m,mbc->bc", self.fusion_weights, common)

    def from_reduced(self, reduced: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Run the trained part on [M, B, R], which training computes once for all items.

        Returns:
            What each model says in the common space [M, B, C], the fused [B, C], quality [B].
        """
        common = self.transforms(reduced)
        fused = self.fuse(common)
        return common, fused, self.head(fused)[:, 0]

    def features(self, views: Sequence[Tensor]) -> Tensor:
        """Map features of the frozen models, one [B, D] each, to the fused [B, C]."""
        return self.fuse(self.transforms(self.reduce(views)))

    def head(self, features: Tensor) -> Tensor:
        """Map fused features [B, C] to quality [B, 1]: about 0..1, higher is better."""
        quality: Tensor = self.regress(features)
        return quality

    def forward(self, views: Sequence[Tensor]) -> Tensor:
        """Map features of the frozen models, one [B, D] each, to quality [B, 1]."""
        return self.head(self.features(views))


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
        float32 [N, C] by model, and under `fused` what the head reads.
    """
    views = [torch.from_numpy(features[name]) for name in model.config.models]
    with torch.inference_mode():
        common, fused, _ = model.from_reduced(model.reduce(views))
    each = {name: h.numpy() for name, h in zip(model.config.models, common, strict=True)}
    return {**each, "fused": fused.numpy()}


def _components(standard: Tensor, num_components: int) -> Tensor:
    """Return the leading principal directions [D, at most R] of [items, D].

    Source: Halko, Martinsson and Tropp, Finding Structure with Randomness, 2011, algorithm 4.4,
    with a fixed seed.
    """
    most = min(standard.shape)
    sketch = min(num_components + _EXTRA_COMPONENTS, most)
    start = torch.Generator().manual_seed(0)
    span = standard @ torch.randn(standard.shape[1], sketch, generator=start)
    for _ in range(_POWER_STEPS):
        span = standard @ (standard.T @ torch.linalg.qr(span)[0])
    frame = torch.linalg.qr(span)[0]
    small = frame.T @ standard
    # Eigenvectors of the small square are quicker than a decomposition of the wide rectangle.
    sizes, turns = torch.linalg.eigh(small @ small.T)
    kept = min(num_components, most)
    lengths = sizes[-kept:].clamp_min(_CONSTANT).sqrt()
    return (small.T @ turns[:, -kept:] / lengths).flip(1)


def _rows(value: float, num_models: int, sizes: Sequence[tuple[int, int]]) -> nn.ParameterList:
    return nn.ParameterList(torch.full((num_models, 1, outputs), value) for _, outputs in sizes)
