"""What a student learns from a teacher: its features, beside the opinions of people.

Axis letters: B clips, D features.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

BETA = 2.0


def alignment_loss(student: Tensor, teacher: Tensor, *, beta: float = BETA) -> Tensor:
    """Smooth L1 between two features, each normalised over its length without parameters.

    Neither the scale nor the offset of a feature matters, only its pattern.

    Args:
        student: [B, D].
        teacher: [B, D]; its gradient is not stopped here.
        beta: Difference, in standard deviations, at which the loss turns from quadratic
            (x^2 / 2 beta) to linear (x - beta / 2).

    Returns:
        The mean over clips and features: 0 for equal patterns.

    Source:
        Guan et al., InternVQA, ISCAS 2025: smooth L1 with beta 2 between layer norms.
    """
    width = student.shape[-1:]
    return functional.smooth_l1_loss(
        functional.layer_norm(student.float(), width),
        functional.layer_norm(teacher.float(), width),
        beta=beta,
    )
