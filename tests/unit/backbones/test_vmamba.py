"""VMamba on its own: sizes, shapes, checkpoints; the authors' numbers are in tests/parity."""

import pickle

import pytest
import torch

from beholder.backbones import local_mamba
from beholder.backbones.checkpoints import read_checkpoint
from beholder.backbones.scan_orders import row_and_column_orders
from beholder.backbones.ss2d import ScanConfig
from beholder.backbones.vmamba import Config, VMamba, convert_official
from beholder.errors import ModelError, UsageError

SMALL = Config(depths=(1, 1), widths=(8, 16))
GATED = Config(depths=(1, 1), widths=(8, 16), scan=ScanConfig(gated=True))
OLD = Config(
    depths=(1, 1),
    widths=(8, 16),
    scan=ScanConfig(states=2, gated=True, convolution_bias=True, channel_gate=True),
    orders=(row_and_column_orders(), row_and_column_orders(3)),
    mlp_ratio=0,
    merge_patches=True,
)


def make(config):
    torch.manual_seed(0)
    return VMamba(config).eval()


def theirs(model):
    """Return a model's weights under the names of the first release, with the classifier."""
    table = [
        ("stem.0.convolve.", "patch_embed.proj."),
        ("stem.0.norm.", "patch_embed.norm."),
        ("stages.0.0.", "layers.0.blocks.0."),
        ("stages.1.0.", "layers.1.blocks.0."),
        ("downsamples.0.reduce.", "layers.0.downsample.reduction."),
        ("downsamples.0.", "layers.0.downsample."),
        (".scan.gate.norm.", ".self_attention.multi_scan.attn.norm."),
        (".scan.gate.reduce.", ".self_attention.multi_scan.attn.global_reduce."),
        (".scan.gate.select.", ".self_attention.multi_scan.attn.channel_select."),
        (".scan.convolve.", ".self_attention.conv2d."),
        (".scan.", ".self_attention."),
        ("blocks.0.norm.", "blocks.0.ln_1."),
    ]
    state = {"head.weight": torch.zeros(3, 16), "head.bias": torch.zeros(3)}
    for name, tensor in model.state_dict().items():
        for ours, others in table:
            name = name.replace(ours, others)
        state[name] = tensor[:, :, None, None] if name.endswith("in_proj.weight") else tensor
    return state


@pytest.mark.parametrize("config", [SMALL, GATED, OLD], ids=["v05_noz", "v05", "local"])
@pytest.mark.parametrize("size", [(32, 32), (32, 64), (37, 50)])
@torch.no_grad()
def test_maps_halve_and_round_up(config, size):
    maps = make(config).maps(torch.randn(2, 3, *size))
    kept = [side // 4 * 4 for side in size] if config is OLD else size
    first = [-(-side // 4) for side in kept]
    second = [-(-side // 2) for side in first]
    assert [list(each.shape) for each in maps] == [[2, *first, 8], [2, *second, 16]]


@torch.no_grad()
def test_a_picture_does_not_depend_on_its_neighbours_in_the_batch():
    model, pictures = make(OLD), torch.randn(3, 3, 32, 48)
    alone = torch.cat([model(picture[None]) for picture in pictures])
    torch.testing.assert_close(model(pictures), alone)


def test_backward_reaches_every_parameter():
    model = make(OLD).train()
    model.norm.bias.requires_grad_(False)
    (model(torch.randn(2, 3, 32, 32)) ** 3).sum().backward()
    idle = [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert not idle


def test_dropped_branches_leave_the_picture_of_the_block_before():
    model = make(Config(depths=(2,), widths=(8,), drop_path=1 - 1e-6)).train()
    pictures = torch.randn(2, 3, 32, 32)
    first = model.stages[0][0](model.stem(pictures.permute(0, 2, 3, 1)))
    torch.testing.assert_close(model.maps(pictures)[0], first)


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"depths": (1,)}, "as many depths as widths"), ({"orders": ((),)}, "each of 2 blocks")],
)
def test_lists_that_do_not_fit_are_refused(changes, text):
    with pytest.raises(UsageError, match=text):
        Config(**{"depths": (1, 1), "widths": (8, 16), **changes})


def test_the_first_releases_names_and_their_pickled_settings_load(tmp_path):
    model = make(OLD)
    settings = Settings()
    averaged = theirs(model)
    other = {name: torch.zeros_like(tensor) for name, tensor in averaged.items()}
    path = tmp_path / "vmamba.pth"
    torch.save({"model": other, "model_ema": averaged, "config": settings, "epoch": 3}, path)
    found = make(OLD)
    found.load_state_dict(convert_official(read_checkpoint(path)))
    for name, tensor in model.state_dict().items():
        assert torch.equal(found.state_dict()[name], tensor), name


class Settings(dict):
    """Stands for yacs's CfgNode: a dict of a class that the restricted reader does not know."""


class Evil:
    def __reduce__(self):
        return (print, ("a checkpoint ran code",))


def test_a_checkpoint_cannot_run_code(tmp_path, capsys):
    path = tmp_path / "evil.pth"
    torch.save({"model": {"weight": torch.ones(2)}, "extra": Evil()}, path)
    assert list(read_checkpoint(path)) == ["weight"]
    assert capsys.readouterr().out == ""


def test_a_common_prefix_is_removed(tmp_path):
    path = tmp_path / "detector.pth"
    torch.save({"state_dict": {"backbone.a": torch.ones(1), "backbone.b": torch.ones(1)}}, path)
    assert sorted(read_checkpoint(path)) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"not a checkpoint", "it cannot be read"),
        (pickle.dumps([1]), "it cannot be read|found list"),
        (None, "found no file"),
    ],
)
def test_other_files_are_refused(tmp_path, content, text):
    path = tmp_path / "file.pth"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=text):
        read_checkpoint(path)


def test_a_checkpoint_without_tensors_is_refused(tmp_path):
    path = tmp_path / "file.pth"
    torch.save({"epoch": 3}, path)
    with pytest.raises(ModelError, match=r"found the keys \['epoch'\]"):
        read_checkpoint(path)


def test_weights_of_another_network_are_refused():
    with pytest.raises(ModelError, match="expected the weights of a VMamba"):
        convert_official({"conv1.weight": torch.zeros(1)})


@pytest.mark.parametrize(
    ("config", "classifier", "millions"),
    [(local_mamba.tiny(), 769_000, 25.53), (local_mamba.small(), 769_000, 49.75)],
)
def test_local_networks_have_the_published_size(config, classifier, millions):
    with torch.device("meta"):
        model = VMamba(config)
    count = sum(p.numel() for p in model.parameters()) + classifier
    assert round(count / 1e6, 2) == millions
