"""InternVideo2: sizes, what it refuses, memory and precision, public files."""

import dataclasses

import pytest
import torch

from beholder.backbones.checkpoints import read_checkpoint
from beholder.backbones.intern_video2 import SIZES, Config, InternVideo2
from beholder.backbones.intern_video2_public import convert_official, load_encoder
from beholder.errors import ModelError, UsageError

TINY = Config(width=16, depth=3, heads=2, hidden=32, side_px=28, frames=4, pool_heads=2, features=8)


def tiny(**changes):
    torch.manual_seed(0)
    # Branches count from the first step on, so that tests see them.
    return InternVideo2(dataclasses.replace(TINY, layer_scale=0.5, **changes))


def clips(frames=4, side=28, seed=1):
    return torch.randn(2, 3, frames, side, side, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(
    ("size", "millions"), [("s", 23.0), ("b", 89.4), ("l", 308.9), ("1b", 1020.7)]
)
def test_parameters(size, millions):
    with torch.device("meta"):
        model = InternVideo2(SIZES[size])
    assert sum(p.numel() for p in model.parameters()) / 1e6 == pytest.approx(millions, abs=0.05)


def test_the_teacher_with_the_classifier_of_its_paper():
    with torch.device("meta"):
        model = InternVideo2(SIZES["1b"])
    classes = 768 * 400 + 400
    assert round((sum(p.numel() for p in model.parameters()) + classes) / 1e6) == 1021


@pytest.mark.parametrize(
    "changes",
    [{"side_px": 30}, {"frames": 3, "tubelet": 2}, {"heads": 3}, {"pool_heads": 3}, {"width": 24}],
)
def test_sizes_that_do_not_divide_are_refused(changes):
    with pytest.raises(UsageError, match=r"expected a (side in whole patches|width that)"):
        dataclasses.replace(TINY, **changes)


@pytest.mark.parametrize("positions", ["joint", "separate"])
@pytest.mark.parametrize("tubelet", [1, 2])
def test_shape_and_gradients(positions, tubelet):
    model = tiny(positions=positions, tubelet=tubelet)
    out = model(clips())
    assert out.shape == (2, 8)
    (out * torch.randn_like(out)).sum().backward()
    missing = [name for name, p in model.named_parameters() if p.grad is None or not p.grad.any()]
    # A shift of every key changes no softmax, so its bias has no gradient.
    assert [name for name in missing if not name.endswith("k_bias")] == []


def test_a_clip_does_not_depend_on_its_neighbours():
    model = tiny().eval()
    torch.testing.assert_close(model(clips())[:1], model(clips()[:1]))


def test_order_in_time_and_space_matters():
    model = tiny().eval()
    given = clips()
    for axis in (2, 3, 4):
        assert (model(given) - model(given.flip(axis))).abs().max() > 1e-4


def test_recomputed_blocks_give_the_same_gradients():
    grads = []
    for checkpointed in (0, 2):
        model = tiny(checkpointed=checkpointed, drop_path=0.3).train()
        torch.manual_seed(3)
        model(clips()).square().sum().backward()
        grads.append([p.grad for p in model.parameters()])
    torch.testing.assert_close(*grads)


def test_branches_are_left_out_in_training_only():
    model = tiny(drop_path=0.9)
    assert torch.equal(model.eval()(clips()), model(clips()))
    assert not torch.equal(model.train()(clips()), model(clips()))


def test_half_precision_comes_close():
    model = tiny().eval()
    exact = model(clips())
    with torch.autocast("cpu", torch.bfloat16):
        mixed = model(clips())
    whole = model.to(torch.bfloat16)(clips().bfloat16())
    assert whole.dtype == torch.bfloat16
    for found in (mixed, whole):
        torch.testing.assert_close(found.float(), exact, rtol=0.1, atol=0.1)


def test_a_still_stands_at_the_mean_of_all_times():
    model = tiny().eval()
    first = model.embed(clips(frames=1))
    assert first.shape == (2, 1 + 4, 16)
    mean = model.pos_embed[:, 1:].view(1, 4, 4, 16).mean(1)
    torch.testing.assert_close(
        first[:, 1:] - model.patch_embed(clips(frames=1)), mean.expand_as(first[:, 1:])
    )


LAYOUTS = {
    "bare": lambda s: s,
    "module": lambda s: {"module": s},
    "model": lambda s: {"model": s},
    "encoder": lambda s: {"model": {f"encoder.{n}": t for n, t in s.items()}},
    "backbone": lambda s: {"module": {f"backbone.{n}": t for n, t in s.items()}},
    "second stage": lambda s: {
        "module": {
            **{f"vision_encoder.{n}": t for n, t in s.items()},
            **{f"{n}": torch.zeros(2) for n in ("vision_proj.weight", "itm_head.bias", "temp")},
            "text_encoder.bert.embeddings.weight": torch.zeros(2, 2),
            "vision_encoder.img_pos_embed": torch.zeros(1, 5, 16),
            "vision_encoder.clip_img_pos_embed": torch.zeros(1, 5, 16),
        }
    },
    "clip": lambda s: {
        **{f"vision_encoder.{n}": t for n, t in s.items()},
        "vision_align.0.weight": torch.zeros(2),
    },
    "first stage": lambda s: {
        "module": {
            **s,
            "clip_pos_embed": torch.zeros(1, 17, 16),
            "clip_decoder.0.head.weight": torch.zeros(2),
            "final_clip_decoder.head.weight": torch.zeros(2),
            "mae_pos_embed": torch.zeros(1, 17, 16),
            "mae_decoder.0.weight": torch.zeros(2),
        }
    },
    "distilled": lambda s: {
        **s,
        "clip_pos_embed": torch.zeros(1, 17, 16),
        **{f"clip_decoder.0.{n}": torch.zeros(2) for n in ("head.0.weight", "norm.bias")},
        "final_clip_decoder.head.2.bias": torch.zeros(2),
    },
    "tuned": lambda s: {"module": {**s, "head.weight": torch.zeros(710, 8)}},
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_public_layout(layout, tmp_path):
    source, path = tiny(), tmp_path / "public.pth"
    torch.save(LAYOUTS[layout](source.state_dict()), path)
    torch.manual_seed(7)
    model = InternVideo2(TINY)
    load_encoder(model, read_checkpoint(path), grid=2)
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(tensor, source.state_dict()[name])


def test_a_file_without_the_last_norm_keeps_ours():
    state = {n: t for n, t in tiny().state_dict().items() if not n.startswith("fc_norm.")}
    model = InternVideo2(TINY)
    load_encoder(model, state, grid=2)
    assert torch.equal(model.fc_norm.weight, torch.ones(8))


def test_kernels_of_one_frame_become_kernels_of_two():
    kernel = tiny().patch_embed.proj.weight
    config = dataclasses.replace(TINY, tubelet=2)
    spread, middle = (
        convert_official(tiny().state_dict(), config, grid=2, inflation=way)
        for way in ("mean", "centre")
    )
    name = "patch_embed.proj.weight"
    assert spread[name].shape == middle[name].shape == (16, 3, 2, 14, 14)
    torch.testing.assert_close(spread[name].sum(2), kernel[:, :, 0])
    assert torch.equal(middle[name][:, :, 1], kernel[:, :, 0])
    assert not middle[name][:, :, 0].any()
    load_encoder(InternVideo2(config), tiny().state_dict(), grid=2)


def test_separate_places_are_resized_too():
    config = dataclasses.replace(TINY, positions="separate", frames=8, side_px=56)
    state = tiny(positions="separate").state_dict()
    found = convert_official(state, config, grid=2)
    assert found["pos_embed_temporal"].shape == (1, 8, 16)
    assert found["pos_embed_spatial"].shape == (1, 16, 16)
    load_encoder(InternVideo2(config), state, grid=2)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda s: {"conv1.weight": torch.zeros(1)}, r"expected an InternVideo2 .*conv1\.weight"),
        (lambda s: {**s, "pos_embed": torch.zeros(1, 6, 16)}, r"whole frames of 2 x 2 .* found 5"),
        (lambda s: {**s, "blocks.9.attn.qkv.weight": torch.zeros(1)}, r"first 'blocks\.9"),
        (lambda s: {**s, "cls_token": torch.zeros(1, 1, 8)}, r"width 16 .* first 'cls_token'"),
    ],
)
def test_other_files_are_refused(change, match):
    with pytest.raises(ModelError, match=match):
        load_encoder(InternVideo2(TINY), change(tiny().state_dict()), grid=2)
