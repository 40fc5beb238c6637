import pytest
import torch

from beholder.errors import UsageError
from beholder.losses.icid import inter_divisibility, intra_consistency

CLUSTERS = torch.tensor([0, 0, 1, 1])
APART = torch.tensor([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0], [-3.0, 0.0]])
CROSSED = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])


@pytest.fixture
def features():
    return torch.randn(3, 6, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(3))


def test_perfect_arrangement_costs_nothing():
    assert intra_consistency(torch.stack([APART, 5 * APART])).item() == pytest.approx(0, abs=1e-6)
    assert inter_divisibility(APART, CLUSTERS).item() == 0


def test_reversed_arrangement_costs_most():
    assert intra_consistency(torch.stack([APART, -APART])).item() == pytest.approx(2)
    # Same cluster opposite (distance 2), other cluster in the same place (0) for half of them.
    assert inter_divisibility(CROSSED, CLUSTERS, margin=0.2).item() == pytest.approx(
        (2.2 + 0.2) / 2
    )


def test_triplet_by_hand():
    # One anchor has company; its fellow is at distance 1, the stranger at 2: 1 - 2 + 1.5.
    points = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    # From the second point both are at distance 1: 1 - 1 + 1.5.
    loss = inter_divisibility(points, torch.tensor([0, 0, 1]), margin=1.5)
    assert loss.item() == pytest.approx((0.5 + 1.5) / 2)


def test_order_of_models_and_samples_does_not_matter(features):
    clusters = torch.tensor([0, 1, 2, 0, 1, 0])
    order = torch.tensor([4, 2, 0, 5, 1, 3])
    mixed = features[[2, 0, 1]][:, order]
    assert torch.isclose(intra_consistency(features), intra_consistency(mixed))
    first = inter_divisibility(features[0], clusters)
    assert torch.isclose(first, inter_divisibility(features[0][order], clusters[order]))


def test_gradients_are_right(features):
    clusters = torch.tensor([0, 1, 2, 0, 1, 0])
    start = features.requires_grad_()
    assert torch.autograd.gradcheck(intra_consistency, (start,))
    assert torch.autograd.gradcheck(lambda h: inter_divisibility(h[0], clusters), (start,))


@pytest.mark.parametrize("clusters", [[0, 0, 0, 0], [0, 1, 2, 3]])
def test_batch_without_triplets_costs_nothing_and_has_a_gradient(clusters):
    start = APART.clone().requires_grad_()
    loss = inter_divisibility(start, torch.tensor(clusters))
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(start.grad, torch.zeros_like(start))


def test_one_sample_and_one_model_are_defined():
    assert inter_divisibility(APART[:1], CLUSTERS[:1]).item() == 0
    assert intra_consistency(APART[None]).item() == 0


def test_constant_features_give_numbers_and_gradients_that_are_finite():
    start = torch.zeros(2, 4, 3, requires_grad=True)
    loss = intra_consistency(start) + inter_divisibility(start[0], CLUSTERS)
    loss.backward()
    assert loss.item() == pytest.approx(1.2)
    assert torch.isfinite(start.grad).all()


def test_broken_features_are_refused():
    with pytest.raises(UsageError, match="1 numbers that are not finite"):
        intra_consistency(torch.tensor([[[torch.nan, 1.0]]]))
    with pytest.raises(UsageError, match=r"features \[\.\.\., B, C\], found shape \[4\]"):
        inter_divisibility(torch.zeros(4), CLUSTERS)
    with pytest.raises(UsageError, match="each of 4 samples"):
        inter_divisibility(APART, CLUSTERS[:2])


def test_triplets_stay_inside_the_last_two_axes():
    both = torch.stack([CROSSED, CROSSED])
    one = inter_divisibility(CROSSED, CLUSTERS)
    assert inter_divisibility(both, CLUSTERS).item() == pytest.approx(one.item())
    # The perfect half adds no triplet above 0, so the mean is that of the other half.
    mixed = inter_divisibility(torch.stack([CROSSED, APART]), CLUSTERS)
    assert mixed.item() == pytest.approx(one.item())
