"""Teachers and students of every family: shapes, weights, what learns, what they cost."""

import dataclasses
import importlib.util

import pytest
import torch

from beholder.backbones import intern_video2
from beholder.backbones.intern_video2 import Config
from beholder.errors import ModelError, UnknownName, UsageError
from beholder.models.internvqa import FEATURES, choose_trained, count_multiply_adds
from beholder.models.qmamba import NAMES as QMAMBAS
from beholder.models.students import NAMES, ClipNetwork, build, load_start

NANO = ("internvideo2_nano", "video_swin_nano", "swinv2_nano", "qmamba_nano", "mobilenet_v3_small")
TINY = Config(width=16, depth=2, heads=2, hidden=32, pool_heads=2, layer_scale=0.5)


@pytest.fixture(autouse=True)
def _tiny(monkeypatch):
    monkeypatch.setitem(intern_video2.SIZES, "nano", TINY)


def needs_torchvision():
    # Importing it here would come before the shim that some builds need.
    if importlib.util.find_spec("torchvision") is None:
        pytest.skip("torchvision is not installed")


def make(name="internvideo2_nano", frames=2, side=56, **settings):
    if name.startswith(("video_swin", "swinv2", "mobilenet")):
        needs_torchvision()
    torch.manual_seed(0)
    return build(ClipNetwork(network=name, **settings), frames=frames, side=side)


@pytest.mark.parametrize("name", NANO)
def test_features_and_head(name):
    model = make(name).eval()
    views = torch.randn(2, 2, 3, 56, 56)
    features = model.features(views)
    assert features.shape == (2, FEATURES)
    assert torch.equal(model(views), model.head(features))
    assert model(views).shape == (2, 1)
    torch.testing.assert_close(model(views[:1]), model(views)[:1], rtol=1e-3, atol=1e-4)
    model.train()(views).sum().backward()
    assert all(p.grad is not None for p in model.parameters())


def test_only_other_widths_get_a_projector():
    assert isinstance(make().project, torch.nn.Identity)
    assert make("mobilenet_v3_small").project.in_features == 576


def test_every_family_has_a_name():
    families = {"internvideo2_1b", "internvideo2_s", "internvideo2_b", "internvideo2_l"}
    families |= {"video_swin_t", "swinv2_t", "mobilenet_v3_large", *QMAMBAS}
    assert families <= set(NAMES)
    with pytest.raises(UnknownName, match=r"one of the networks internvideo2_nano.* 'resnet'"):
        make("resnet")


@pytest.mark.parametrize(
    ("name", "tubelet", "giga"),
    [
        ("internvideo2_s", 1, 83.3),
        ("internvideo2_s", 2, 32.2),
        ("internvideo2_b", 1, 254.8),
        ("internvideo2_b", 2, 108.6),
    ],
)
def test_multiply_adds_as_the_paper_counts(name, tubelet, giga):
    with torch.device("meta"), torch.no_grad():
        model = make(name, frames=8, side=224, tubelet=tubelet).eval()
        count = count_multiply_adds(model, torch.zeros(1, *model.view_shape))
    assert count / 1e9 == pytest.approx(giga, abs=0.05)


@pytest.mark.parametrize(
    ("trained", "learning", "resting"),
    [
        ("none", (), ("regress.weight", "backbone.network.blocks.1.norm1.weight")),
        (
            "last_block_and_head",
            ("regress.weight", "backbone.network.blocks.1.norm1.weight"),
            ("backbone.network.fc_norm.weight", "backbone.network.blocks.0.norm1.weight"),
        ),
        (
            "released",
            ("regress.weight", "backbone.network.pos_embed", "backbone.network.fc_norm.weight"),
            ("backbone.network.blocks.0.norm1.weight",),
        ),
        ("all", ("backbone.network.blocks.0.norm1.weight",), ()),
    ],
)
def test_what_of_a_teacher_learns(trained, learning, resting):
    teacher = make()
    choose_trained(teacher, trained)
    asks = {name: p.requires_grad for name, p in teacher.named_parameters()}
    assert all(asks[name] for name in learning)
    assert not any(asks[name] for name in resting)


def test_parts_are_those_of_an_intern_video2():
    with pytest.raises(UsageError, match="expected an InternVideo2 .* found VMamba"):
        choose_trained(make("qmamba_nano"), "released")


@pytest.mark.parametrize("name", ["internvideo2_nano", "qmamba_nano", "mobilenet_v3_small"])
def test_a_run_is_a_start(name):
    source, model = make(name), make(name)
    torch.nn.init.constant_(source.regress.bias, 0.25)
    for parameter in model.parameters():
        torch.nn.init.zeros_(parameter)
    load_start(model, source.state_dict())
    torch.testing.assert_close(model.state_dict(), source.state_dict())


def test_a_run_on_other_frames_is_a_start():
    stills = make(frames=1)
    model = make(frames=4)
    load_start(model, stills.state_dict())
    first, second = (m.backbone.network.blocks[1].mlp.fc1.weight for m in (stills, model))
    assert torch.equal(first, second)


def test_a_public_file_leaves_the_head_alone(monkeypatch):
    wide = make(side=224)
    network = {f"vision_encoder.{n}": t for n, t in wide.backbone.network.state_dict().items()}
    model = make()
    before = model.regress.weight.clone()
    load_start(model, network)
    assert torch.equal(model.regress.weight, before)


def test_a_public_file_of_torchvision_loses_its_classifier():
    model = make("mobilenet_v3_small")
    public = {**model.backbone.network.state_dict(), "classifier.3.weight": torch.zeros(1000, 8)}
    load_start(make("mobilenet_v3_small"), public)


@pytest.mark.parametrize("name", ["qmamba_nano", "mobilenet_v3_small"])
def test_weights_of_another_network_are_refused(name):
    with pytest.raises(ModelError, match="expected weights of this network"):
        load_start(make(name), {**make().state_dict()})


def test_settings_are_of_the_network_that_knows_them():
    settings = ClipNetwork(network="qmamba_nano", tubelet=2)
    assert dataclasses.replace(settings, network="internvideo2_nano").tubelet == 2
    assert make("qmamba_nano", frames=3, tubelet=2).view_shape == (3, 3, 56, 56)
