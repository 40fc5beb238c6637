import pytest
import torch

from beholder.models.embedded import Config, build


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    model = build().eval()
    # As built, every picture gets 0.5: let the last layer tell them apart.
    torch.nn.init.normal_(model.regress[-1].weight)
    return model


def test_size_and_first_prediction():
    model = build().eval()
    head = 2816 * 192 + 192 + 192 + 1
    assert sum(p.numel() for p in model.trunk_parameters()) == 3_196_032
    assert sum(p.numel() for p in model.parameters()) == 3_196_032 + head
    assert model.num_features == 128 + 256 + 512 + 1024 + 128 + 256 + 512
    assert model(torch.zeros(1, 3, 64, 64)).item() == 0.5


def test_forward_is_head_of_features(model):
    views = torch.rand(2, 3, 64, 96) * 2 - 1
    with torch.no_grad():
        features = model.features(views)
        assert features.shape == (2, model.num_features)
        assert torch.equal(model(views), model.head(features))


def test_items_of_a_batch_do_not_touch_each_other(model):
    views = torch.rand(3, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        together = model(views)
        alone = torch.cat([model(view[None]) for view in views])
    assert together.std() > 0
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_gradient_reaches_every_parameter(model):
    model.zero_grad()
    model(torch.rand(2, 3, 96, 96) * 2 - 1).sum().backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    assert silent == []


def test_stride_two_pads_below_and_right_as_tensorflow_does():
    stem = build(Config()).stem
    with torch.no_grad():
        stem.convolve.weight.zero_()
        stem.convolve.bias.zero_()
        stem.convolve.weight[:, :, 0, 0] = 1.0
        views = torch.rand(1, 3, 8, 8)
        # A kernel that looks at its first tap only sees pixels 0, 2, 4, 6: nothing padded above.
        assert torch.allclose(stem(views)[:, 0], views.sum(1)[:, ::2, ::2].clamp(0, 6))


def test_standardise_gives_the_head_unit_scale(model):
    features = torch.randn(500, model.num_features) * 3 + 2
    fresh = build()
    fresh.standardise(features)
    scaled = (features - fresh.feature_mean) / fresh.feature_std
    assert scaled.mean().abs() < 1e-4
    assert scaled.std(0).mean().item() == pytest.approx(1, abs=1e-3)
