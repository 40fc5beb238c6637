"""The alignment of features against sums done by hand."""

import pytest
import torch

from beholder.losses.distillation import BETA, alignment_loss


def test_hand_computed():
    student = torch.tensor([[1.0, -1.0]])
    teacher = torch.tensor([[-3.0, 3.0]])
    # Layer norms give (1, -1) and (-1, 1): differences of 2, on the border of the two branches.
    assert alignment_loss(student, teacher).item() == pytest.approx(2.0**2 / (2 * 2.0), rel=1e-4)
    assert alignment_loss(student, teacher, beta=1.0).item() == pytest.approx(1.5, rel=1e-4)


def test_beta_of_the_paper():
    assert BETA == 2.0


def test_scale_and_offset_do_not_matter():
    torch.manual_seed(0)
    first, second = torch.randn(3, 768), torch.randn(3, 768)
    loss = alignment_loss(first, second)
    torch.testing.assert_close(loss, alignment_loss(5 * first + 2, second), rtol=1e-4, atol=1e-6)
    assert alignment_loss(first, 7 * first - 1) < 1e-6 < loss


def test_both_features_are_moved():
    features = [torch.randn(2, 8, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    assert torch.autograd.gradcheck(_double, features, atol=1e-3, rtol=1e-3, eps=1e-3)
    alignment_loss(*features).backward()
    assert all(feature.grad is not None and feature.grad.any() for feature in features)


def _double(first, second):
    return alignment_loss(first, second).double()


def test_half_precision_is_computed_in_full():
    first = torch.randn(2, 768).bfloat16()
    assert alignment_loss(first, first).dtype == torch.float32
