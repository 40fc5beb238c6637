"""The recurrence as PyTorch's higher-order `scan`, which leaves as one ONNX Scan of any length."""

from __future__ import annotations

import torch
from torch import Tensor
from torch._higher_order_ops.scan import scan as scan_tokens

from beholder.backbones.selective_scan.inputs import Recurrence


def scan(r: Recurrence) -> Tensor:
    """Run the recurrence; meant for export, slow when run by PyTorch itself.

    Returns:
        y [B, G, L, C].
    """
    decay = r.decay
    tokens = [x.movedim(2, 0) for x in (r.values, r.steps, r.write, r.read)]
    start = torch.zeros_like(tokens[0][0]).unsqueeze(-1) * decay

    def advance(state: Tensor, token: list[Tensor]) -> tuple[Tensor, Tensor]:
        value, step, write, read = token
        fade = torch.exp(step.unsqueeze(-1) * decay)
        state = fade * state + (step * value).unsqueeze(-1) * write.unsqueeze(2)
        y = (state * read.unsqueeze(2)).sum(-1)
        return state, y

    _, y = scan_tokens(advance, start, tokens, dim=0)
    return y.movedim(0, 2)
