"""Both terms against sums by hand, their gradients, and batches that hold nothing to compare."""

import math

import pytest
import torch

from beholder.errors import UsageError
from beholder.losses import coarse_to_fine
from beholder.losses.coarse_to_fine import group_contrastive, within_group_rank


@pytest.fixture(autouse=True)
def _forget_warnings():
    coarse_to_fine._warn_once.cache_clear()


def test_two_groups_by_hand():
    # Unit vectors at 0, 60, 90 and 180 degrees; lengths must not count.
    features = torch.tensor([[3.0, 0.0], [0.5, math.sqrt(0.75)], [0.0, 2.0], [-1.0, 0.0]])
    groups = torch.tensor([0, 0, 1, 1])
    # Cosines: 01 = 1/2, 02 = 0, 03 = -1, 12 = sqrt(3)/2, 13 = -1/2, 23 = 0; temperature 1/2.
    e, root = math.exp, math.sqrt(3)
    shares = [
        e(1) / (e(1) + e(0) + e(-2)),
        e(1) / (e(1) + e(root) + e(-1)),
        e(0) / (e(0) + e(0) + e(root)),
        e(0) / (e(0) + e(-2) + e(-1)),
    ]
    found = group_contrastive(features, groups, temperature=0.5)
    assert float(found) == pytest.approx(-math.log(sum(shares) / 4), rel=1e-5)


def test_three_groups_are_the_mean_over_their_pairs():
    features = torch.randn(7, 5, generator=torch.Generator().manual_seed(0))
    groups = torch.tensor([4, 9, 9, 4, 7, 7, 7])
    pairs = [(4, 7), (4, 9), (7, 9)]
    kept = [(groups == a) | (groups == b) for a, b in pairs]
    expected = [group_contrastive(features[k], groups[k]) for k in kept]
    torch.testing.assert_close(group_contrastive(features, groups), torch.stack(expected).mean())


def test_a_group_of_one_clip_is_left_out():
    features = torch.randn(5, 3, generator=torch.Generator().manual_seed(1))
    groups = torch.tensor([0, 0, 1, 1, 2])
    torch.testing.assert_close(
        group_contrastive(features, groups), group_contrastive(features[:4], groups[:4])
    )


def test_groups_apart_lose_less_than_groups_mixed():
    apart = torch.tensor([[1.0, 0.0], [1.0, 0.1], [-1.0, 0.0], [-1.0, 0.1]])
    groups = torch.tensor([0, 0, 1, 1])
    mixed = torch.tensor([0, 1, 0, 1])
    assert group_contrastive(apart, groups) < 1e-4 < group_contrastive(apart, mixed)


def test_rank_by_hand():
    predicted = torch.tensor([0.5, 0.4, 0.9, 0.1, 0.2])
    mos = torch.tensor([0.3, 0.6, 0.61, 0.9, 0.1])
    groups = torch.tensor([0, 0, 0, 1, 1])
    # Group 0: 01 is wrong by 0.1, 02 right by 0.4, 12 is a tie of opinions; group 1 wrong by 0.1.
    found = within_group_rank(predicted, mos, groups)
    assert float(found) == pytest.approx((0.1 + 0 + 0.1) / 3, rel=1e-5)
    with_margin = within_group_rank(predicted, mos, groups, margin=0.5)
    assert float(with_margin) == pytest.approx((0.6 + 0.1 + 0.6) / 3, rel=1e-5)


def test_a_gap_of_exactly_the_least_counts():
    values = torch.tensor([0.5, 0.4])
    groups = torch.tensor([0, 0])
    assert within_group_rank(values, torch.tensor([0.30, 0.32]), groups) > 0
    assert within_group_rank(values, torch.tensor([0.30, 0.319]), groups) == 0


def test_gradients_are_those_of_small_steps():
    generator = torch.Generator().manual_seed(2)
    features = torch.randn(8, 4, dtype=torch.float64, generator=generator).requires_grad_()
    predicted = torch.randn(8, dtype=torch.float64, generator=generator).requires_grad_()
    mos = torch.rand(8, dtype=torch.float64, generator=generator)
    groups = torch.tensor([0, 0, 1, 1, 1, 2, 2, 2])
    assert torch.autograd.gradcheck(lambda f: group_contrastive(f, groups), features)
    assert torch.autograd.gradcheck(lambda p: within_group_rank(p, mos, groups), predicted)


def test_features_that_are_equal_give_finite_gradients():
    features = torch.zeros(4, 3, requires_grad=True)
    group_contrastive(features, torch.tensor([0, 0, 1, 1])).backward()
    assert torch.isfinite(features.grad).all()


@pytest.mark.parametrize("groups", [[3, 3, 3, 3], [0, 1, 2, 3], [0, 0, 0, 1]])
def test_nothing_to_tell_apart_counts_zero_and_is_told_once(groups, caplog):
    features = torch.ones(4, 3, requires_grad=True)
    for _ in range(3):
        loss = group_contrastive(features, torch.tensor(groups))
        loss.backward()
    assert float(loss.detach()) == 0
    assert torch.equal(features.grad, torch.zeros(4, 3))
    (record,) = caplog.records
    assert "coarse term counts 0 in a batch with fewer than two groups" in record.getMessage()


@pytest.mark.parametrize(
    ("groups", "mos"), [([0, 1, 2], [0.1, 0.5, 0.9]), ([0, 0, 0], [0.5, 0.5, 0.51]), ([0], [0.5])]
)
def test_nothing_to_rank_counts_zero_and_is_told_once(groups, mos, caplog):
    predicted = torch.rand(len(groups), requires_grad=True)
    for _ in range(3):
        loss = within_group_rank(predicted, torch.tensor(mos), torch.tensor(groups))
        loss.backward()
    assert float(loss.detach()) == 0
    (record,) = caplog.records
    assert "fine term counts 0 in a batch with no two clips of a group" in record.getMessage()


def test_wrong_inputs_are_told():
    groups = torch.tensor([0, 0, 1, 1])
    with pytest.raises(UsageError, match="a group for each clip, found shapes"):
        group_contrastive(torch.ones(3, 2), groups)
    with pytest.raises(UsageError, match="expected 1 axes"):
        within_group_rank(torch.ones(4, 1), torch.ones(4), groups)
    with pytest.raises(UsageError, match="expected finite numbers"):
        group_contrastive(torch.full((4, 2), math.nan), groups)
