import pytest
import torch

from beholder.backbones.mobilenets import build_trunk
from beholder.errors import ModelError, UnknownName
from beholder.models.embedded import Config, build, build_like

BOTH = Config(trunks=("mobilenet_v1", "mobilenet_v2"), members=2, hidden=8, width=4)


@pytest.fixture(scope="module", params=[Config(), BOTH], ids=["v1", "both"])
def model(request):
    torch.manual_seed(0)
    model = build(request.param).eval()
    # As built, every picture gets 0.5: let the last layer tell them apart.
    torch.nn.init.normal_(model.regress.weight)
    return model


def test_size_and_first_prediction():
    model = build().eval()
    first = 2816 * 8 * 64 + 3 * 8 * 64
    second = 8 * 64 * 32 + 3 * 8 * 32
    assert sum(p.numel() for p in model.trunk_parameters()) == 3_196_032
    assert sum(p.numel() for p in model.regress.parameters()) == first + second + 8 * 32 + 8
    assert model.num_features == 128 + 256 + 512 + 1024 + 128 + 256 + 512
    assert model(torch.zeros(1, 3, 64, 64)).item() == 0.5


def test_mobilenet_v2_without_its_classifier_has_the_published_size():
    # 3,504,872 less 1,000 classes of 1,280 and a bias each, and less half of the normalisations,
    # whose scales are folded into the weights.
    trunk = build_trunk("mobilenet_v2")
    scales = sum(m.out_channels for m in trunk.modules() if isinstance(m, torch.nn.Conv2d))
    assert sum(p.numel() for p in trunk.parameters()) == 3_504_872 - 1_281_000 - scales
    maps = trunk(torch.zeros(1, 3, 64, 96))
    assert [tuple(m.shape[1:]) for m in maps] == [
        *((144, 16, 24), (192, 8, 12), (576, 4, 6), (1280, 2, 3))
    ]


def test_trunks_that_there_are_not():
    with pytest.raises(UnknownName, match="one of the trunks mobilenet_v1, mobilenet_v2"):
        build_trunk("mobilenet_v9")


def test_forward_is_head_of_features(model):
    views = torch.rand(2, 3, 64, 96) * 2 - 1
    with torch.no_grad():
        features = model.features(views)
        assert features.shape == (2, model.num_features)
        assert torch.equal(model(views), model.head(features))


def test_the_answer_is_the_mean_of_the_members(model):
    features = torch.randn(3, model.num_features)
    with torch.no_grad():
        said = model.members(features)
        assert said.std(1).min() > 0
        torch.testing.assert_close(model.head(features)[:, 0], said.mean(1))


def test_each_member_is_trained_for_itself(model):
    views = torch.rand(2, 3, 64, 64) * 2 - 1
    model.train()
    assert model(views).shape == (2, len(model.regress.bias))
    model.eval()
    assert model(views).shape == (2, 1)


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
    stem = build_trunk("mobilenet_v1").stem
    with torch.no_grad():
        stem.convolve.weight.zero_()
        stem.convolve.bias.zero_()
        stem.convolve.weight[:, :, 0, 0] = 1.0
        views = torch.rand(1, 3, 8, 8)
        # A kernel that looks at its first tap only sees pixels 0, 2, 4, 6: nothing padded above.
        assert torch.allclose(stem(views)[:, 0], views.sum(1)[:, ::2, ::2].clamp(0, 6))


def test_standardise_gives_the_head_unit_scale(model):
    features = torch.randn(500, model.num_features) * 3 + 2
    fresh = build(BOTH) if len(model.trunks) == 2 else build()
    fresh.standardise(features)
    scaled = (features - fresh.feature_mean) / fresh.feature_std
    assert scaled.mean().abs() < 1e-4
    assert scaled.std(0).mean().item() == pytest.approx(1, abs=1e-3)


def test_weights_tell_their_network(model):
    again = build_like(model.state_dict())
    again.load_state_dict(model.state_dict())
    views = torch.rand(1, 3, 64, 64)
    assert torch.equal(again.eval()(views), model(views))
    with pytest.raises(ModelError, match="expected weights of the embedded network"):
        build_like({"stem.weight": torch.zeros(1)})


def test_weights_come_to_half_precision_and_stay_there():
    model = build(BOTH)
    before = model.trunks["mobilenet_v2"].stem.convolve.weight.clone()
    model.round_to_half()
    weight = model.trunks["mobilenet_v2"].stem.convolve.weight.detach()
    assert not torch.equal(weight, before)
    torch.testing.assert_close(weight, before, rtol=2**-11, atol=2**-24)
    assert torch.equal(weight.half().float(), weight)
