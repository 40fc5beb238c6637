"""The recurrence word by word: the reference that the other engines are held against."""

from __future__ import annotations

import torch
from torch import Tensor

from beholder.backbones.selective_scan.inputs import Recurrence


def scan(r: Recurrence) -> Tensor:
    """Run the recurrence one token at a time; autograd differentiates through the loop.

    Returns:
        y [B, G, L, C].
    """
    # [B, G, C, N] throughout; one token is one slice of it.
    state = r.values.new_zeros((*r.values.shape[:2], *r.decay.shape[1:]))
    outputs = []
    for t in range(r.values.shape[2]):
        step, value = r.steps[:, :, t, :, None], r.values[:, :, t, :, None]
        write, read = r.write[:, :, t, None, :], r.read[:, :, t, None, :]
        state = torch.exp(step * r.decay) * state + step * value * write
        outputs.append((state * read).sum(-1))
    return torch.stack(outputs, dim=2)
