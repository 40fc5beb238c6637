"""What PTM-VQA computes once and never trains: reductions, ranks of opinions, and a kernel path.

The paper's public parts are silent about all three; they are ours.

Axis letters: N items, M models, B samples, D features of one model, R reduced, L landmarks,
Q levels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CLIP_DEVIATIONS = 3.0
"""Rare large features would otherwise carry most of the variance that the reduction keeps."""
KERNEL_STEEPNESS = 0.7
"""Of the Gaussian, where two items that have nothing in common are at distance 1."""
KERNEL_PENALTY = 0.15
_CONSTANT = 1e-6
_JITTER = 1e-6
_LEVEL_SLOPE = 1e-3
_RANK_ERROR = 0.15
"""Deviation of a predicted rank from the true one: about what splits of BIQ2021 show."""
_EXTRA_COMPONENTS, _POWER_STEPS = 32, 1


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


class RankScale(nn.Module):
    """Between opinions and their ranks, the share of training items below them.

    Ranks are spread evenly where opinions crowd together, so that errors among many alike weigh
    as much as among few. The way back gives the mean opinion of the ranks about a predicted one,
    which is never exact.
    """

    levels: Tensor
    steps: Tensor
    answers: Tensor

    def __init__(self, num_levels: int) -> None:
        super().__init__()
        self.register_buffer("levels", torch.linspace(0, 1, num_levels))
        self.register_buffer("answers", torch.linspace(0, 1, num_levels))
        self.register_buffer("steps", torch.linspace(0, 1, num_levels), persistent=False)

    @torch.no_grad()
    def fit(self, mos: Tensor) -> None:
        """Fix the levels by the opinions [N] of the training part."""
        # A small slope keeps equal opinions from making two ranks one answer.
        self.levels.copy_(torch.quantile(mos, self.steps) + _LEVEL_SLOPE * self.steps)
        apart = (self.steps[:, None] - self.steps) / _RANK_ERROR
        self.answers.copy_(torch.softmax(-(apart**2) / 2, dim=1) @ self.levels)

    def to_rank(self, mos: Tensor) -> Tensor:
        """Map opinions of any shape to ranks, 0..1 for those of the training part."""
        return _interpolate(mos, self.levels, self.steps)

    def to_opinion(self, rank: Tensor) -> Tensor:
        """Map ranks of any shape to opinions; beyond 0..1 the outer slope goes on."""
        return _interpolate(rank, self.steps, self.answers)


def _interpolate(x: Tensor, places: Tensor, values: Tensor) -> Tensor:
    """Read off the line through places [Q], which rise, and values [Q]."""
    right = torch.searchsorted(places, x.contiguous()).clamp(1, len(places) - 1)
    left = right - 1
    slope = (values[right] - values[left]) / (places[right] - places[left])
    return values[left] + (x - places[left]) * slope


class KernelPath(nn.Module):
    """Kernel ridge regression on the reduced features of all models, fitted in closed form.

    The distance of two items is the mean over models, by their weights, of the squared distance of
    their reduced features. Few items say more this way than through layers that must be trained.
    """

    known: Tensor
    dual: Tensor
    middle: Tensor

    def __init__(self, num_landmarks: int, num_inputs: int) -> None:
        super().__init__()
        self.register_buffer("known", torch.zeros(num_landmarks, num_inputs))
        self.register_buffer("dual", torch.zeros(num_landmarks))
        self.register_buffer("middle", torch.zeros(()))

    @torch.no_grad()
    def fit(self, joined: Tensor, mos: Tensor) -> None:
        """Fix the landmarks and what each says.

        Args:
            joined: What `join` made of the training part, [N, M * R]; N is L or more.
            mos: [N], 0..1.

        Source:
            Williams and Seeger, Using the Nystroem Method to Speed Up Kernel Machines, 2001; with
            as many landmarks as items it is plain kernel ridge regression.
        """
        start = torch.Generator().manual_seed(0)
        chosen = torch.randperm(len(joined), generator=start)[: len(self.known)].sort()[0]
        self.known.copy_(joined[chosen])
        self.middle.copy_(mos.mean())
        # In float64: rounding would make the square of items that are copies not positive.
        exact = joined.double()
        among = self._kernel(self.known.double())
        root = torch.linalg.cholesky(among + _JITTER * torch.eye(len(among)))
        inputs = torch.linalg.solve_triangular(root, self._kernel(exact).T, upper=False)
        square = inputs @ inputs.T + KERNEL_PENALTY * torch.eye(len(among))
        slopes = torch.linalg.solve(square, inputs @ (mos.double() - mos.mean()))
        dual = torch.linalg.solve_triangular(root.T, slopes[:, None], upper=True)
        self.dual.copy_(dual[:, 0])

    def forward(self, joined: Tensor) -> Tensor:
        """Map joined features [B, M * R] to quality [B]."""
        return self.middle + self._kernel(joined) @ self.dual

    def _kernel(self, joined: Tensor) -> Tensor:
        known = self.known.to(joined.dtype)
        sizes = joined.square().sum(1)[:, None] + known.square().sum(1)
        distances = sizes - 2 * joined @ known.T
        return torch.exp(-KERNEL_STEEPNESS * distances.clamp_min(0))


def join(reduced: Tensor, weights: Tensor) -> Tensor:
    """Lay reduced features [M, B, R] side by side, [B, M * R], each model by its weight [M].

    Two items that have nothing in common are then at a squared distance of about 1.
    """
    shares = (weights / (2 * reduced.shape[-1])).sqrt()
    return (reduced * shares[:, None, None]).transpose(0, 1).flatten(1)


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
