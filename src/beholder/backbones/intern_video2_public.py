"""Public weight files of InternVideo2, in every layout in which they are published.

Files of its first training hold decoders beside the encoder; of its second one, towers for text and
sound, with the encoder under a prefix and places for four frames; tuned files hold a classifier;
distilled S, B and L hold decoders of other shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from beholder.backbones.intern_video2 import Config, InternVideo2, resize_places
from beholder.errors import ModelError

PUBLIC_GRID = 16
"""Tokens along a side in every public file: 224 px in patches of 14."""

_NOT_THE_ENCODER = (
    "clip_decoder.",
    "final_clip_decoder.",
    "mae_decoder.",
    "clip_pos_embed",
    "mae_pos_embed",
    "img_pos_embed",
    "clip_img_pos_embed",
    "head.",
)
"""What public files hold beside the encoder: decoders of their training, positions for these, and
for stills, the classifier."""

Inflation = Literal["mean", "centre"]
"""How a kernel of one frame becomes one of several."""


def load_encoder(
    encoder: InternVideo2,
    state: Mapping[str, Tensor],
    *,
    grid: int = PUBLIC_GRID,
    inflation: Inflation = "mean",
) -> None:
    """Load a public file, or a run's weights, into an encoder.

    Args:
        encoder: Its weights are replaced; `fc_norm` only if the file has one.
        state: Name to tensor, as `read_checkpoint` gives it.
        grid: Tokens along a side in the file.
        inflation: See `convert_official`.

    Raises:
        ModelError: Not an InternVideo2, or one of another size.
    """
    found = convert_official(state, encoder.config, grid=grid, inflation=inflation)
    own = encoder.state_dict()
    wrong = sorted(
        name
        for name in own.keys() | found.keys()
        if (name not in found and not name.startswith("fc_norm."))
        or (name in found and (name not in own or own[name].shape != found[name].shape))
    )
    if wrong:
        raise ModelError(
            f"expected an InternVideo2 of width {encoder.config.width} and "
            f"{encoder.config.depth} blocks, {len(wrong)} of its tensors do not fit or are missing "
            f"or unknown, first {wrong[0]!r}; take a file of the same size"
        )
    encoder.load_state_dict(found, strict=False)


def convert_official(
    state: Mapping[str, Tensor],
    config: Config,
    *,
    grid: int = PUBLIC_GRID,
    inflation: Inflation = "mean",
) -> dict[str, Tensor]:
    """Turn the weights of a public file into those of an `InternVideo2`.

    Every published layout is taken: bare names, or under `vision_encoder.`, `backbone.`,
    `encoder.`; with or without decoders, other towers, a classifier and `fc_norm`.

    Args:
        state: Name to tensor, as `read_checkpoint` gives it.
        config: Of the encoder to load; its frames and side may differ from the file's.
        grid: Tokens along a side in the file.
        inflation: Kernels of one frame are spread evenly over several, which keeps the answer to a
            still, or stand in the middle frame alone.

    Raises:
        ModelError: No encoder of this family in it, or a table of places of another grid.
    """
    found = {
        name: tensor.float()
        for name, tensor in _encoder_part(state).items()
        if not name.startswith(_NOT_THE_ENCODER)
    }
    kernel = found["patch_embed.proj.weight"]
    if kernel.shape[2] == 1 < config.tubelet:
        found["patch_embed.proj.weight"] = _inflate(kernel, config.tubelet, inflation)
    sides = (grid, config.grid)
    if "pos_embed" in found:
        cls, table = found["pos_embed"][:, :1], found["pos_embed"][:, 1:]
        tubes = (_tubes(table, grid), config.tubes)
        found["pos_embed"] = torch.cat([cls, resize_places(table, tubes=tubes, grid=sides)], dim=1)
    elif "pos_embed_spatial" in found:
        time, space = found["pos_embed_temporal"], found["pos_embed_spatial"]
        tubes = (time.shape[1], config.tubes)
        found["pos_embed_temporal"] = resize_places(time, tubes=tubes, grid=(1, 1))
        found["pos_embed_spatial"] = resize_places(space, tubes=(1, 1), grid=sides)
    return found


def _encoder_part(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the names below the prefix that holds the patch embedding and the pooling."""
    mark, pool = "patch_embed.proj.weight", "clip_projector.cross_attn.q.weight"
    for name in state:
        prefix = name.removesuffix(mark)
        if name.endswith(mark) and f"{prefix}{pool}" in state:
            return {n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)}
    raise ModelError(
        f"expected an InternVideo2 with {mark} and {pool}, found the names {sorted(state)[:4]}; "
        "take a file of the family S, B, L or 1B"
    )


def _tubes(table: Tensor, grid: int) -> int:
    tubes, rest = divmod(table.shape[1], grid**2)
    if rest or not tubes:
        raise ModelError(
            f"expected places for whole frames of {grid} x {grid} tokens, found {table.shape[1]}; "
            "public files have 16 x 16"
        )
    return tubes


def _inflate(kernel: Tensor, tubelet: int, inflation: Inflation) -> Tensor:
    if inflation == "mean":
        return kernel.repeat(1, 1, tubelet, 1, 1) / tubelet
    middle = tubelet // 2
    return functional.pad(kernel, (0, 0, 0, 0, middle, tubelet - 1 - middle))
