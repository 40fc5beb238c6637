"""Every network that InternVQA takes as teacher or student, by name, and public weights for each.

Video Swin, SwinV2 and MobileNetV3 are torchvision's. Networks of pictures see frame by frame, and
their features are averaged. The nano sizes are ours, for two processor cores.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from torch import Tensor, nn

from beholder.backbones import intern_video2, vmamba
from beholder.backbones.intern_video2 import InternVideo2
from beholder.backbones.intern_video2_public import PUBLIC_GRID, load_encoder
from beholder.backbones.torch_shim import ensure_torchvision
from beholder.errors import ModelError, UnknownName
from beholder.models import qmamba
from beholder.models.internvqa import InternVqa, OfClips, OfFrames


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipNetwork:
    """Which network, and how it is built; what a family does not know it leaves out."""

    network: str = "internvideo2_s"
    """Of `NAMES`."""
    drop_path: float = 0.1
    """Share of a batch in which the last block is left out (stochastic depth)."""
    tubelet: int = 1
    """Frames that a token of InternVideo2 covers."""
    gelu: Literal["tanh", "exact"] = "tanh"
    """Of InternVideo2; see backbones/intern_video2.py."""
    positions: Literal["joint", "separate"] = "joint"
    """Of InternVideo2: one table of places, or one of time and one of space."""
    checkpointed: int = 0
    """First blocks of InternVideo2 that compute their activations twice to save memory."""


class _Built(NamedTuple):
    backbone: OfClips | OfFrames
    width: int


def _intern_video2(name: str, settings: ClipNetwork, frames: int, side: int) -> _Built:
    config = dataclasses.replace(
        intern_video2.SIZES[name.removeprefix("internvideo2_")],
        frames=frames,
        side_px=side,
        tubelet=settings.tubelet,
        gelu=settings.gelu,
        positions=settings.positions,
        drop_path=settings.drop_path,
        checkpointed=settings.checkpointed,
    )
    return _Built(OfClips(InternVideo2(config)), config.features)


def _qmamba(name: str, settings: ClipNetwork, *_: int) -> _Built:
    backbone = qmamba.build(name, drop_path=settings.drop_path).backbone
    return _Built(OfFrames(backbone), backbone.config.widths[-1])


def _video_swin(name: str, settings: ClipNetwork, *_: int) -> _Built:
    from torchvision.models.video.swin_transformer import SwinTransformer3d

    sizes = {**_SWIN_SIZES[name.rpartition("_")[2]], "patch_size": [2, 4, 4]}
    swin = SwinTransformer3d(
        **sizes, window_size=[8, 7, 7], stochastic_depth_prob=settings.drop_path
    )
    return _headless(OfClips(swin), "head")


def _swin_v2(name: str, settings: ClipNetwork, *_: int) -> _Built:
    from torchvision.models.swin_transformer import (
        PatchMergingV2,
        SwinTransformer,
        SwinTransformerBlockV2,
    )

    swin = SwinTransformer(
        **_SWIN_SIZES[name.rpartition("_")[2]],
        patch_size=[4, 4],
        window_size=[8, 8],
        stochastic_depth_prob=settings.drop_path,
        block=SwinTransformerBlockV2,
        downsample_layer=PatchMergingV2,
    )
    return _headless(OfFrames(swin), "head")


def _mobilenet(name: str, *_: object) -> _Built:
    from torchvision.models import mobilenet_v3_large, mobilenet_v3_small

    build = mobilenet_v3_small if name.endswith("small") else mobilenet_v3_large
    return _headless(OfFrames(build(weights=None)), "classifier")


def _headless(backbone: OfClips | OfFrames, head: str) -> _Built:
    """Take the classifier off a network of torchvision."""
    network: Any = backbone.network
    layers: Any = getattr(network, head)
    width = (layers[0] if head == "classifier" else layers).in_features
    setattr(network, head, nn.Identity())
    return _Built(backbone, int(width))


_SWIN_SIZES: dict[str, dict[str, Any]] = {
    "nano": {"embed_dim": 24, "depths": [1, 1, 2, 1], "num_heads": [1, 2, 4, 8]},
    "t": {"embed_dim": 96, "depths": [2, 2, 6, 2], "num_heads": [3, 6, 12, 24]},
    "s": {"embed_dim": 96, "depths": [2, 2, 18, 2], "num_heads": [3, 6, 12, 24]},
    "b": {"embed_dim": 128, "depths": [2, 2, 18, 2], "num_heads": [4, 8, 16, 32]},
}

_Build = Callable[[str, ClipNetwork, int, int], _Built]

BUILDERS: dict[str, _Build] = {
    **{f"internvideo2_{size}": _intern_video2 for size in intern_video2.SIZES},
    **{f"video_swin_{size}": _video_swin for size in _SWIN_SIZES},
    **{f"swinv2_{size}": _swin_v2 for size in _SWIN_SIZES},
    **dict.fromkeys(qmamba.NAMES, _qmamba),
    "mobilenet_v3_small": _mobilenet,
    "mobilenet_v3_large": _mobilenet,
}
"""Network to the function that builds its backbone from name, settings, frames and side."""

NAMES = tuple(BUILDERS)

_FROM_TORCHVISION = (_video_swin, _swin_v2, _mobilenet)


def build(settings: ClipNetwork, *, frames: int, side: int) -> InternVqa:
    """Build a network of `NAMES` with random weights.

    Args:
        settings: Which.
        frames: Of each clip.
        side: Of the square views, in pixels.

    Raises:
        UnknownName: No network of that name.
        UsageError: The sizes do not divide as this network needs it.
        MissingExtra: torchvision is needed and not installed.
    """
    if settings.network not in BUILDERS:
        raise UnknownName(
            f"expected one of the networks {', '.join(NAMES)}, found {settings.network!r}"
        )
    builder = BUILDERS[settings.network]
    if builder in _FROM_TORCHVISION:
        ensure_torchvision()
    backbone, width = builder(settings.network, settings, frames, side)
    return InternVqa(backbone, width=width, frames=frames, side=side)


def load_start(model: InternVqa, state: Mapping[str, Tensor]) -> None:
    """Load starting weights: those of a run, or a public file of the backbone.

    An InternVideo2 takes weights for other numbers of frames too, and public ones for its side.

    Args:
        model: Its weights are replaced; the head only by those of a run.
        state: Name to tensor, as `read_checkpoint` gives it.

    Raises:
        ModelError: Weights of another network.
    """
    network, of_run = model.backbone.network, "regress.weight" in state
    try:
        if isinstance(network, InternVideo2):
            grid = network.config.grid if of_run else PUBLIC_GRID
            load_encoder(network, state, grid=grid)
            if of_run:
                _load(model.regress, _below(state, "regress."))
        elif of_run:
            _load(model, state)
        elif isinstance(network, vmamba.VMamba):
            _load(network, vmamba.convert_official(dict(state)))
        else:
            _load(network, {n: t for n, t in state.items() if not _is_classifier(n)})
    except RuntimeError as error:
        raise ModelError(f"expected weights of this network: {error}") from error


def _load(module: nn.Module, state: Mapping[str, Tensor]) -> None:
    module.load_state_dict(state)


def _below(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in state.items() if n.startswith(prefix)}


def _is_classifier(name: str) -> bool:
    return name.startswith(("head.", "classifier."))
