"""VMamba and LocalMamba against outputs and gradients of the authors' networks."""

import pytest
import torch
from torch.nn import functional

from beholder.backbones.local_mamba import local_config
from beholder.backbones.scan_orders import CROSS, ScanOrder, to_map, to_sequence
from beholder.backbones.ss2d import SS2D, ScanConfig
from beholder.backbones.vmamba import Config, VMamba, convert_official
from tests.golden_files import agree, load, needs_golden, part

pytestmark = [pytest.mark.shared, needs_golden]

VMAMBAS = [
    "vmamba_v05_noz_s2_ln2d",
    "vmamba_v05_noz_s1_ln2d",
    "vmamba_v0_ds16",
    "vmamba_v3_noz_ds1_ln2d_dtrank",
    "vmamba_v05_conv1x1_weights",
]
GRADIENTS = {"rtol": 1e-3, "atol": 1e-4}


def _order(name):
    kind, _, flip = name.partition("_")
    window = int(kind[1:]) if kind.startswith("w") else None
    return ScanOrder(columns=kind == "v", reverse=bool(flip), window=window)


def _vmamba(kwargs):
    rank = kwargs["ssm_dt_rank"]
    return Config(
        depths=tuple(kwargs["depths"]),
        widths=tuple(kwargs["dims"]),
        scan=ScanConfig(
            states=kwargs["ssm_d_state"],
            expansion=kwargs["ssm_ratio"],
            step_rank=None if rank == "auto" else rank,
            gated="noz" not in kwargs["forward_type"],
            convolution_bias=kwargs["ssm_conv_bias"],
        ),
        mlp_ratio=kwargs["mlp_ratio"],
        merge_patches=kwargs["patchembed_version"] == "v1",
    )


def _local(kwargs):
    orders = tuple(tuple(_order(n) for n in block) for block in kwargs["directions"])
    shape = (tuple(kwargs["depths"]), tuple(kwargs["dims"]))
    return local_config(*shape, orders=orders, states=kwargs["ssm_d_state"])


def _load(config, state):
    model = VMamba(config).eval()
    model.load_state_dict(convert_official(state))
    return model


def _logits(model, tensors, pictures):
    state = part(tensors, "sd.classifier.head.")
    return functional.linear(model(pictures), state["weight"], state["bias"])


def _check_logits(model, tensors, entry):
    for name in [name for name in tensors if name.startswith("in.x")]:
        logits = _logits(model, tensors, tensors[name])
        agree(logits, tensors[name.replace("in.x", "out.logits")], entry)


@torch.no_grad()
@pytest.mark.parametrize("name", VMAMBAS)
def test_networks_give_the_authors_logits(name):
    tensors, entry = load(name)
    model = _load(_vmamba(entry["kwargs"]), part(tensors, "sd."))
    _check_logits(model, tensors, entry)
    first = tensors.get("in.x0", tensors.get("in.x"))
    for number, maps in enumerate(model.maps(first)):
        expected = tensors.get(f"out.stage{number}")
        if expected is not None:
            channels_last = entry["kwargs"]["norm_layer"] == "ln"
            agree(maps if channels_last else maps.permute(0, 3, 1, 2), expected, entry)


@torch.no_grad()
def test_a_detectors_backbone_gives_its_maps():
    tensors, entry = load("vmamba_backbone_multiscale")
    state = part(tensors, "sd.")
    model = VMamba(_vmamba(entry["kwargs"])).eval()
    found = model.load_state_dict(convert_official(state), strict=False)
    assert found.missing_keys == ["norm.weight", "norm.bias"]
    for number, maps in enumerate(model.maps(tensors["in.x"])):
        norm = part(state, f"outnorm{number}.")
        out = functional.layer_norm(maps, maps.shape[-1:], norm["weight"], norm["bias"])
        agree(out.permute(0, 3, 1, 2), tensors[f"out.feat{number}"], entry)


@torch.no_grad()
@pytest.mark.parametrize("name", ["localvmamba_square", "localvmamba_nonsquare_no_v"])
def test_local_networks_give_the_authors_logits(name):
    tensors, entry = load(name)
    model = _load(_local(entry["kwargs"]), part(tensors, "sd."))
    _check_logits(model, tensors, entry)
    for number, maps in enumerate(model.maps(tensors["in.x0"])):
        agree(maps, tensors[f"out.stage{number}"], entry)


@torch.no_grad()
def test_columns_of_maps_that_are_not_square_come_back_right():
    weights, _ = load("localvmamba_square")
    tensors, entry = load("localvmamba_nonsquare_v_bug")
    model = _load(_local(entry["kwargs"]), part(weights, "sd."))
    logits = _logits(model, weights, tensors["in.x"])
    agree(logits, tensors["out.logits_corrected_v"], entry)
    assert (logits - tensors["out.logits_upstream_v_bug"]).abs().max() > 0.01


def test_orders_are_the_authors_cross_scan():
    tensors, _ = load("vmamba_cross_scan_merge")
    maps = tensors["in.x"].permute(0, 2, 3, 1)
    found = torch.stack([to_sequence(maps, order).transpose(1, 2) for order in CROSS], dim=1)
    assert torch.equal(found, tensors["out.scan_cross2d"])
    merged = sum(
        to_map(tokens.transpose(1, 2), order, height=5, width=7)
        for tokens, order in zip(tensors["in.y"].flatten(3).unbind(1), CROSS, strict=True)
    )
    expected = tensors["out.merge_cross2d"].unflatten(2, (5, 7)).permute(0, 2, 3, 1)
    torch.testing.assert_close(merged, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("window", [2, 3, 7])
@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("columns", [False, True])
def test_windows_are_the_authors(window, reverse, columns):
    tensors, _ = load("local_scan_ops")
    name = f"w{window}_flip{int(reverse)}_col{int(columns)}"
    order = ScanOrder(columns=columns, reverse=reverse, window=window)
    tokens = to_sequence(tensors["in.x"].permute(0, 2, 3, 1), order)
    assert torch.equal(tokens.transpose(1, 2), tensors[f"out.scan_{name}"])
    back = to_map(tokens, order, height=9, width=10).permute(0, 3, 1, 2).flatten(2)
    assert torch.equal(back, tensors[f"out.rev_{name}"])


@pytest.mark.parametrize("name", ["vmamba_ss2d_grad", "localvmamba_ss2d_grad"])
def test_one_scan_gives_the_authors_gradients(name):
    tensors, entry = load(name)
    kwargs, local = entry["kwargs"], "directions" in entry["kwargs"]
    config = ScanConfig(
        states=kwargs["d_state"], gated=local, convolution_bias=local, channel_gate=local
    )
    orders = tuple(_order(each) for each in kwargs["directions"]) if local else CROSS
    layer = SS2D(kwargs["d_model"], config, orders=orders)
    names = {ours: theirs for theirs in part(tensors, "sd.") for ours in [_ours(theirs)]}
    layer.load_state_dict({ours: tensors[f"sd.{names[ours]}"] for ours in names})
    given = tensors["in.x"].requires_grad_()
    y = layer(given if local else given.permute(0, 2, 3, 1))
    y = y if local else y.permute(0, 3, 1, 2)
    agree(y, tensors["out.y"], entry)
    (y * torch.linspace(-1, 1, y.numel()).view_as(y)).sum().backward()
    agree(given.grad, tensors["grad.x"], GRADIENTS)
    for ours, parameter in layer.named_parameters():
        agree(parameter.grad, tensors[f"grad.{names[ours]}"], GRADIENTS)


def _ours(theirs):
    any_tensor = torch.zeros(1, 1)
    marked = {"patch_embed.0.weight": any_tensor, f"layers.0.blocks.0.op.{theirs}": any_tensor}
    return list(convert_official(marked))[1].removeprefix("stages.0.0.scan.")
