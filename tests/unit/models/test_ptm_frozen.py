import numpy as np
import pytest
import torch

from beholder.models.ptm_frozen import (
    KERNEL_PENALTY,
    KERNEL_STEEPNESS,
    KernelPath,
    RankScale,
    Reduction,
    join,
)


def test_reduction_keeps_the_leading_directions():
    start = torch.Generator().manual_seed(0)
    hidden = torch.randn(300, 2, generator=start)
    features = torch.cat([hidden @ torch.randn(2, 30, generator=start), torch.ones(300, 1)], 1)
    reduction = Reduction(31, 2)
    reduction.fit(features)
    reduced = reduction(features)
    assert reduced.square().mean().item() == pytest.approx(1, rel=1e-3)
    # Two directions hold all there is but what the clipping bends.
    values = reduction._standardise(features)
    left = values - reduced @ torch.linalg.lstsq(reduced, values).solution
    assert left.square().sum() < 0.02 * values.square().sum()


def test_few_features_leave_outputs_at_zero_and_constant_ones_do_no_harm():
    reduction = Reduction(3, 8)
    reduction.fit(torch.ones(5, 3))
    assert torch.equal(reduction(torch.full((2, 3), 7.0)), torch.zeros(2, 8))


def make_joined(num_items=60):
    start = torch.Generator().manual_seed(3)
    reduced = torch.randn(2, num_items, 5, generator=start)
    return join(reduced, torch.tensor([0.7, 0.3])), reduced


def test_joined_items_lie_about_one_apart():
    joined, reduced = make_joined(400)
    assert joined.shape == (400, 10)
    assert torch.cdist(joined, joined).square().mean().item() == pytest.approx(1, rel=0.05)
    shares = (joined[:, :5].square().sum() / reduced[0].square().sum()).item()
    assert shares == pytest.approx(0.7 / 10, rel=1e-5)


def test_all_items_as_landmarks_are_plain_kernel_ridge():
    joined, _ = make_joined()
    mos = torch.rand(60, generator=torch.Generator().manual_seed(4))
    path = KernelPath(60, 10)
    path.fit(joined, mos)
    kernel = np.exp(-KERNEL_STEEPNESS * torch.cdist(joined, joined).double().numpy() ** 2)
    centered = mos.double().numpy() - mos.double().numpy().mean()
    expected = kernel @ np.linalg.solve(kernel + KERNEL_PENALTY * np.eye(60), centered)
    assert np.allclose(path(joined).numpy() - mos.mean().item(), expected, atol=1e-4)


def test_few_landmarks_still_say_what_is_smooth():
    joined, _ = make_joined(300)
    mos = torch.sigmoid(3 * joined[:, 0])
    path = KernelPath(100, 10)
    path.fit(joined[:200], mos[:200])
    said = path(joined[200:]).numpy()
    assert path.known.shape == (100, 10)
    assert np.corrcoef(said, mos[200:].numpy())[0, 1] > 0.8


def test_copies_of_items_do_no_harm():
    joined, _ = make_joined(400)
    copies = torch.cat([joined[:200] * 10, joined[:200] * 10 * (1 + 1e-6)])
    path = KernelPath(400, 10)
    path.fit(copies, torch.linspace(0, 1, 200).repeat(2))
    assert torch.isfinite(path(copies)).all()


def test_items_without_anything_in_common_get_the_mean():
    joined, _ = make_joined()
    path = KernelPath(60, 10)
    path.fit(joined, torch.linspace(0, 1, 60))
    far = path(torch.full((1, 10), 100.0))
    assert far.item() == pytest.approx(0.5, abs=1e-6)


def test_ranks_are_even_where_opinions_crowd():
    mos = torch.linspace(0, 1, 201) ** 2
    scale = RankScale(101)
    scale.fit(mos)
    assert torch.allclose(scale.to_rank(mos), torch.linspace(0, 1, 201), atol=0.01)


def test_a_predicted_rank_gets_the_mean_opinion_of_its_neighbours():
    start = torch.Generator().manual_seed(0)
    ranks = torch.rand(200_000, generator=start, dtype=torch.float64)
    mos = ranks**4
    scale = RankScale(101).double()
    scale.fit(mos[:20_000])
    # Flat prior of ranks: those that may have led to a prediction of a half.
    about = (ranks + 0.15 * torch.randn(len(ranks), generator=start, dtype=torch.float64)) - 0.5
    expected = mos[about.abs() < 0.02].mean()
    found = scale.to_opinion(torch.tensor([0.5], dtype=torch.float64))
    assert found.item() == pytest.approx(expected.item(), abs=0.01)


def test_better_ranks_get_better_opinions_beyond_the_ends_too():
    scale = RankScale(11)
    scale.fit(torch.tensor([0.2, 0.5, 0.5, 0.5, 0.5, 0.9]))
    answers = scale.to_opinion(torch.linspace(-0.5, 1.5, 50))
    assert (answers.diff() > 0).all()
