import math

import pytest
import torch

from beholder.losses.ladder import anchor_loss, rank_loss


def _softplus(x):
    return math.log1p(math.exp(x))


def test_rank_loss_weighs_each_pair_by_its_gap():
    predicted = torch.tensor([[0.8, 0.7, 0.75]])
    vmaf = torch.tensor([[100.0, 90.0, 50.0]])
    # Gaps 10, 50, 40 weigh 0.5, 1, 1; differences in units of 0.05 are 2, 1 and -1.
    expected = (0.5 * _softplus(-2) + _softplus(-1) + _softplus(1)) / 2.5
    assert rank_loss(predicted, vmaf).item() == pytest.approx(expected, rel=1e-5)


def test_rank_loss_compares_within_groups_only():
    vmaf = torch.tensor([[100.0, 40.0], [100.0, 40.0]])
    near = rank_loss(torch.tensor([[0.9, 0.3], [0.9, 0.3]]), vmaf)
    far = rank_loss(torch.tensor([[0.9, 0.3], [0.5, -0.1]]), vmaf)
    assert near.item() == pytest.approx(far.item())


def test_rank_loss_of_rungs_that_people_cannot_tell_apart_is_zero():
    predicted = torch.tensor([[0.1, 0.9]], requires_grad=True)
    loss = rank_loss(predicted, torch.tensor([[95.0, 94.0]]))
    loss.backward()
    assert loss.item() == 0
    assert predicted.grad.abs().max() == 0


def test_anchor_loss_asks_for_the_share_of_the_source_that_vmaf_says():
    vmaf = torch.tensor([[100.0, 50.0]])
    assert anchor_loss(torch.tensor([[0.8, 0.4]]), vmaf).item() == pytest.approx(0, abs=1e-9)
    # 0.6 instead of 0.4: 0.2 / 0.1 - 0.5.
    assert anchor_loss(torch.tensor([[0.8, 0.6]]), vmaf).item() == pytest.approx(1.5, rel=1e-5)


def test_anchor_loss_does_not_pull_the_source():
    predicted = torch.tensor([[0.8, 0.6]], requires_grad=True)
    anchor_loss(predicted, torch.tensor([[100.0, 50.0]])).backward()
    assert predicted.grad[0, 0] == 0
    assert predicted.grad[0, 1] > 0


def test_gradient_of_rank_loss_agrees_with_differences():
    predicted = torch.tensor([[0.8, 0.7, 0.75]], dtype=torch.float64, requires_grad=True)
    vmaf = torch.tensor([[100.0, 90.0, 50.0]], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda p: rank_loss(p, vmaf), (predicted,))
