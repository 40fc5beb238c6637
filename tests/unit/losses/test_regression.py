import pytest
import torch

from beholder.losses.regression import correlation_loss, opinion_loss


def test_opinion_loss_is_quadratic_below_beta_and_linear_above():
    # Smooth L1 with beta 0.1 over beta: 0.5 * (0.05 / 0.1)^2 = 0.125 and 0.3 / 0.1 - 0.5 = 2.5.
    predicted, mos = torch.tensor([0.55, 0.8]), torch.tensor([0.5, 0.5])
    assert opinion_loss(predicted, mos).item() == pytest.approx((0.125 + 2.5) / 2, rel=1e-5)


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [([1.0, 2.0, 3.0], 0.0), ([3.0, 2.0, 1.0], 2.0), ([1.0, 1.0, 1.0], 1.0)],
    ids=["in line", "reversed", "constant"],
)
def test_correlation_loss_of_known_cases(predicted, expected):
    mos = torch.tensor([0.1, 0.2, 0.3])
    assert correlation_loss(torch.tensor(predicted), mos).item() == pytest.approx(
        expected, abs=1e-5
    )


@pytest.mark.parametrize("loss", [opinion_loss, correlation_loss])
def test_gradients_agree_with_differences(loss):
    predicted = torch.tensor([0.2, 0.45, 0.9, 0.6], dtype=torch.float64, requires_grad=True)
    mos = torch.tensor([0.3, 0.4, 0.5, 0.8], dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda p: loss(p, mos), (predicted,))
