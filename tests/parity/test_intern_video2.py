"""InternVideo2 against numbers from the makers' own network: ../shared/golden."""

import pytest
import torch
from torch.nn import functional

from beholder.backbones.intern_video2 import (
    Config,
    InternVideo2,
    places_in_clip,
    places_in_frame,
    places_in_time,
    resize_places,
)
from beholder.backbones.intern_video2_public import convert_official, load_encoder
from tests.golden_files import agree, load, needs_golden, part

pytestmark = needs_golden

GRID = 4


def small(**changes):
    sizes = {"side_px": 56, "width": 48, "depth": 3, "heads": 4, "hidden": 192, "frames": 4}
    return Config(**{**sizes, "pool_heads": 4, "features": 32, "gelu": "exact", **changes})


def encoder(state, config):
    model = InternVideo2(config).eval()
    load_encoder(model, state, grid=GRID)
    return model


@pytest.mark.parametrize(
    ("name", "positions"), [("student_joint", "joint"), ("student_sep_pos", "separate")]
)
@torch.no_grad()
def test_every_block_and_the_answer(name, positions):
    tensors, entry = load(f"internvideo2_{name}")
    state = part(tensors, "sd.")
    model = encoder(state, small(positions=positions))
    tokens = model.embed(tensors["in.x"])
    for number, block in enumerate(model.blocks):
        tokens = block(tokens)
        agree(tokens, tensors[f"out.block{number}"], entry)
    agree(model.pooled(tensors["in.x"]), tensors["out.pooled"], entry)
    logits = functional.linear(model(tensors["in.x"]), state["head.weight"], state["head.bias"])
    agree(logits, tensors["out.logits"], entry)


@torch.no_grad()
def test_tanh_gelu():
    state = part(load("internvideo2_student_joint")[0], "sd.")
    tensors, entry = load("internvideo2_student_joint_gelu_tanh")
    model = encoder(state, small(gelu="tanh"))
    logits = functional.linear(model(tensors["in.x"]), state["head.weight"], state["head.bias"])
    agree(logits, tensors["out.logits_gelu_tanh"], entry)
    exact = encoder(state, small())(tensors["in.x"])
    assert (exact - model(tensors["in.x"])).abs().max() > 1e-5


@torch.no_grad()
def test_teacher_and_where_it_looks():
    tensors, entry = load("internvideo2_teacher")
    model = encoder(part(tensors, "sd."), small(depth=4, hidden=209, features=24))
    tokens, found = model.embed(tensors["in.x"]), []
    for block in model.blocks:
        tokens = block(tokens)
        found.append(functional.normalize(tokens, dim=-1))
    # The teacher's stages stand in the order of its blocks.
    agree(torch.stack(found[1:]), tensors["out.mid"], entry)
    agree(functional.normalize(model.pooled(tensors["in.x"]), dim=-1), tensors["out.final"], entry)
    agree(looks(model.clip_projector, tokens)[:, 1:], tensors["out.attn"], entry)


def looks(pool, tokens):
    """Return the attention of the pooling to every token, the mean over its heads."""
    inner = pool.cross_attn
    query = inner.q(pool.norm1_q(tokens.mean(1, keepdim=True))) + inner.q_bias
    key = inner.k(pool.norm1_k(tokens)) + inner.k_bias
    query, key = (p.unflatten(-1, (inner.heads, -1)).transpose(1, 2) for p in (query, key))
    weights = (query @ key.mT / query.shape[-1] ** 0.5).softmax(-1)
    return weights.mean(1)[:, 0]


@torch.no_grad()
def test_distilled_student_with_masked_tokens():
    tensors, entry = load("internvideo2_distill_student")
    state = part(tensors, "sd.")
    model = encoder(state, small())
    for mask, suffix in ((torch.zeros_like(tensors["in.mask"]), "full"), (tensors["in.mask"], "")):
        tokens, places = model.embed(tensors["in.x"]), state["clip_pos_embed"]
        kept = tokens[~mask].view(len(tokens), -1, tokens.shape[-1])
        shown = places.expand_as(tokens)[~mask].view_as(kept)
        mid = []
        for block in model.blocks:
            kept = block(kept)
            mid.append(kept)
        decoded = [decode(state, f"clip_decoder.{i}", mid[i + 1] + shown) for i in range(2)]
        agree(torch.stack(decoded), tensors[f"out.mid_{suffix or 'masked'}"], entry)
        final = decode(state, "final_clip_decoder", model.clip_projector(kept))
        agree(final, tensors[f"out.final_{suffix or 'masked'}"], entry)


def decode(state, name, tokens):
    """Apply a decoder of upstream's training, which the encoder leaves out."""
    first, second, norm = (part(state, f"{name}.{p}.") for p in ("head.0", "head.2", "norm"))
    hidden = functional.gelu(functional.linear(tokens, first["weight"], first["bias"]))
    out = functional.linear(hidden, second["weight"], second["bias"])
    out = functional.layer_norm(out, out.shape[-1:], norm["weight"], norm["bias"])
    return functional.normalize(out, dim=-1)


@torch.no_grad()
def test_vision_tower_of_a_larger_file_and_stills():
    tensors, entry = load("internvideo2_clip_vision")
    state = {**part(tensors, "sd."), "text_encoder.embed.weight": torch.zeros(3)}
    model = encoder(state, small())
    agree(model.pooled(tensors["in.x"]), tensors["out.video"], entry)
    agree(model.pooled(tensors["in.image"]), tensors["out.image"], entry)


@pytest.mark.parametrize(
    ("name", "tubes", "grid"),
    [("t8", 8, 4), ("t16", 16, 4), ("t2", 2, 4), ("s6", 4, 6), ("t8s6", 8, 6)],
)
def test_places_of_other_lengths_and_sizes(name, tubes, grid):
    tensors, entry = load("internvideo2_pos_embed_interp")
    table = tensors["in.pos_embed"]
    found = resize_places(table[:, 1:], tubes=(4, tubes), grid=(4, grid))
    agree(torch.cat([table[:, :1], found], dim=1), tensors[f"out.{name}"], entry)


def test_places_at_the_start():
    tensors, entry = load("internvideo2_sincos_init")
    agree(places_in_clip(4, 4, 48), tensors["out.3d"][1:], entry)
    agree(places_in_frame(4, 48), tensors["out.2d"], entry)
    agree(places_in_time(4, 48), tensors["out.1d"], entry)


def test_a_file_for_four_frames_serves_eight():
    state = part(load("internvideo2_student_joint")[0], "sd.")
    found = convert_official(state, small(frames=8), grid=GRID)
    assert found["pos_embed"].shape == (1, 1 + 8 * 16, 48)
