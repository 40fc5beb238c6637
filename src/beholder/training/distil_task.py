"""The task of InternVQA: squared error against opinions, and a teacher's features beside it."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from beholder.backbones.intern_video2 import InternVideo2
from beholder.losses.distillation import alignment_loss
from beholder.training.distil_recipe import DistilRecipe
from beholder.training.schedule import cosine_share
from beholder.training.task import Batch


class DistilTask:
    """Trains an `InternVqa` on opinions, or a `Lesson` on these and on what its teacher sees.

    Source:
        Guan et al., InternVQA, ISCAS 2025: alignment of features, error of the student and error of
        the teacher, with weights of 1, in one stage.
    """

    workers = 0

    def __init__(self, recipe: DistilRecipe) -> None:
        self.loop = recipe.loop
        self.average_decay = recipe.optim.average_decay
        self._optim = recipe.optim
        self._lesson = recipe.lesson
        self._is_lesson = recipe.stage == "distil"
        self._moves_teacher = recipe.teacher.alignment == "both"

    def loss(self, model: Any, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Compute the loss of a batch of `ClipBatches`."""
        if self._is_lesson:
            return self._taught(model, batch)
        predicted = model(batch["views"])[:, 0]
        return functional.mse_loss(predicted.float(), batch["mos"]), {}

    def _taught(self, model: Any, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        seen, weights = model(batch["views"], batch.get("teacher")), self._lesson
        taught = seen.teacher_features
        taught = taught if self._moves_teacher else taught.detach()
        parts = {
            "alignment": alignment_loss(seen.student_features, taught, beta=weights.beta),
            "student": functional.mse_loss(seen.student_quality.float(), batch["mos"]),
        }
        loss = weights.alignment_weight * parts["alignment"]
        loss = loss + weights.student_weight * parts["student"]
        if seen.teacher_quality is not None:
            parts["teacher"] = functional.mse_loss(seen.teacher_quality.float(), batch["mos"])
            loss = loss + weights.teacher_weight * parts["teacher"]
        return loss, parts

    def optimizer(self, model: nn.Module) -> torch.optim.Optimizer:
        """Make AdamW; vectors and places are not pulled towards zero."""
        shares = rate_shares(model, self._optim.layer_decay)
        groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                pulled = parameter.ndim > 1 and not _is_token(name)
                groups.setdefault((shares.get(parameter, 1.0), pulled), []).append(parameter)
        decay = self._optim.weight_decay
        return torch.optim.AdamW(
            [
                {"params": found, "share": share, "weight_decay": decay if pulled else 0.0}
                for (share, pulled), found in groups.items()
            ],
            lr=0.0,
        )

    def set_rates(self, optimizer: torch.optim.Optimizer, step: int) -> None:
        """Rise linearly over the warm-up, fall along a cosine."""
        rise = min(1.0, (step + 1) / max(1, self._optim.warmup_steps))
        rate = self._optim.learning_rate * rise * cosine_share(step, self.loop)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["share"]


def rate_shares(model: nn.Module, decay: float) -> dict[nn.Parameter, float]:
    """Return the share of the learning rate of what lies deep in an InternVideo2.

    Args:
        model: Every InternVideo2 inside is counted from its own end.
        decay: Share of one block in the rate of the next one; what follows the last block has 1.

    Source:
        Clark et al., ELECTRA, ICLR 2020, with the embedding as the deepest layer.
    """
    shares: dict[nn.Parameter, float] = {}
    encoders = [part for part in model.modules() if isinstance(part, InternVideo2)]
    for encoder in encoders:
        depth = len(encoder.blocks)
        for name, parameter in encoder.named_parameters():
            if _is_token(name) or name.startswith("patch_embed."):
                shares[parameter] = decay ** (depth + 1)
        for number, block in enumerate(encoder.blocks):
            shares |= dict.fromkeys(block.parameters(), decay ** (depth - number))
    return shares


def _is_token(name: str) -> bool:
    return "pos_embed" in name or name.endswith("cls_token")
