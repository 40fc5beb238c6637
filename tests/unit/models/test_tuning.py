"""Tunings: the identity at first, only what they name learns, files that find their base."""

import pytest
import torch

from beholder.errors import ModelError, UnknownName, UsageError
from beholder.models import embedded, qmamba
from beholder.models.qmamba import build
from beholder.models.tuning.apply import added_operations, apply_tuning, trained_parameters
from beholder.models.tuning.files import hash_weights, load_tuning, save_tuning
from beholder.models.tuning.settings import NAMES, TuningSettings
from beholder.models.tuning.style_prompt import StylePrompt

ADAPTERS = [name for name in NAMES if name not in ("none", "head", "full")]
HEAD = {"regress.weight", "regress.bias"}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setitem(qmamba._SHAPES, "nano", ((1, 1, 1, 1), 8))


def tuned(name, **sizes):
    torch.manual_seed(0)
    return apply_tuning(build("lqmamba_nano"), TuningSettings(name=name, **sizes))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("place", ["stage", "downsample"])
@torch.no_grad()
def test_a_tuning_begins_as_the_identity(name, place):
    views = torch.randn(2, 3, 40, 64)
    torch.manual_seed(0)
    assert torch.equal(build("lqmamba_nano")(views), tuned(name, place=place)(views))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ADAPTERS)
def test_only_what_was_added_and_the_head_learn(name):
    before = set(build("lqmamba_nano").state_dict())
    model = tuned(name)
    for parameter in model.parameters():
        if parameter.requires_grad:
            # Away from zero, so that gradients reach what lies before a zero layer.
            torch.nn.init.normal_(parameter, std=0.1)
    model(torch.randn(2, 3, 32, 32)).sum().backward()
    learning = {n for n, p in model.named_parameters() if p.grad is not None}
    assert learning == {n for n, p in model.named_parameters() if p.requires_grad}
    assert learning > HEAD
    assert not (learning - HEAD) & before
    assert all(".layer." not in n for n in learning)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", ["full", "head", "none"])
def test_what_learns_without_adapters(name):
    model = tuned(name)
    learning = {n for n, p in model.named_parameters() if p.requires_grad}
    everything = {n for n, _ in model.named_parameters()}
    assert learning == {"full": everything, "head": HEAD, "none": set()}[name]


@pytest.mark.parametrize(
    ("name", "sizes", "count"),
    [
        ("none", {}, 0),
        ("head", {}, 1_025),
        ("full", {}, 93_792_577),
        ("style_prompt", {}, 4_203_925),
        # Two readings of the paper, both 3.83 M: three stages with a kernel of 3, or four behind
        # the downsampling with a convolution that halves the width.
        ("style_prompt", {"stages": "1,2,3", "kernel": 3, "prompts": 24}, 3_831_497),
        ("style_prompt", {"place": "downsample", "narrowing": 2, "prompts": 32}, 3_825_665),
    ],
)
def test_parameters_of_the_large_network(name, sizes, count):
    with torch.device("meta"):
        model = apply_tuning(build("lqmamba_b"), TuningSettings(name=name, **sizes))
    assert trained_parameters(model) == count


@pytest.mark.usefixtures("small")
def test_a_style_prompt_costs_next_to_nothing():
    base = build("lqmamba_nano")
    cost = {name: added_operations(base, tuned(name), side_px=64) for name in NAMES}
    assert cost["none"] == cost["head"] == cost["full"] == 0
    assert 0 < cost["style_prompt"] < cost["ssf"] < cost["convolution_prompt"]


def test_a_style_prompt_scales_and_shifts_whole_channels():
    prompt = StylePrompt(4, TuningSettings(name="style_prompt", width=6))
    torch.nn.init.normal_(prompt.scale.weight)
    torch.nn.init.normal_(prompt.shift.weight)
    torch.nn.init.ones_(prompt.prompts)
    maps = torch.randn(2, 3, 5, 4)
    # All prompts equal: every picture gets the same line, whatever it holds.
    changed, ones = prompt(maps), prompt(torch.ones(1, 1, 1, 4))
    shift = prompt(torch.zeros(1, 1, 1, 4))
    torch.testing.assert_close(changed, maps * (ones - shift) + shift)


@pytest.mark.usefixtures("small")
def test_a_file_finds_its_base_and_refuses_others(tmp_path):
    path = tmp_path / "tuning.safetensors"
    torch.manual_seed(0)
    base = hash_weights(build("lqmamba_nano"))
    model = tuned("lora")
    for parameter in model.parameters():
        if parameter.requires_grad:
            torch.nn.init.normal_(parameter)
    save_tuning(model, path, settings=TuningSettings(name="lora"), base=base)
    torch.manual_seed(0)
    loaded = load_tuning(build("lqmamba_nano"), path)
    views = torch.randn(1, 3, 32, 32)
    assert torch.equal(loaded(views), model(views))
    with pytest.raises(ModelError, match=f"expected the base model with SHA-256 {base[:12]}"):
        load_tuning(build("lqmamba_nano"), path)


def test_files_of_another_kind_are_refused(tmp_path):
    from safetensors.torch import save_file

    path = tmp_path / "weights.safetensors"
    with pytest.raises(ModelError, match="expected a tuning at"):
        load_tuning(torch.nn.Linear(1, 1), path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(ModelError, match="found other weights; give tuning.safetensors"):
        load_tuning(torch.nn.Linear(1, 1), path)


def test_other_networks_take_no_prompts():
    with pytest.raises(UsageError, match="expected a QMamba or LQMamba for tuning.name=ssf"):
        apply_tuning(embedded.build(), TuningSettings(name="ssf"))
    model = apply_tuning(embedded.build(), TuningSettings(name="head"))
    assert not any(p.requires_grad for p in model.trunk_parameters())


@pytest.mark.parametrize(
    ("sizes", "match"),
    [
        ({"rank": 0}, "expected tuning.rank"),
        ({"kernel": 2}, "an odd .kernel"),
        ({"stages": "0,1"}, "expected tuning.stages like 1,2,3,4"),
        ({"place": "head"}, "tuning.place stage or downsample"),
    ],
)
def test_sizes_without_meaning_are_refused(sizes, match):
    with pytest.raises(UsageError, match=match):
        TuningSettings(**sizes)


def test_an_unknown_tuning_is_named():
    with pytest.raises(UnknownName, match="expected tuning.name of none, head, full, ssf, lora"):
        TuningSettings(name="adapter")
