"""From a trained model and the name of a tuning to the model that learns on."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from beholder.errors import UsageError
from beholder.models.qmamba import QMamba
from beholder.models.tuning.adapted import Adapted
from beholder.models.tuning.attention_prompt import CrossAttentionPrompt
from beholder.models.tuning.convolution_prompt import ConvolutionPrompt
from beholder.models.tuning.low_rank import add_low_rank
from beholder.models.tuning.scale_shift import add_scale_shift
from beholder.models.tuning.settings import TuningSettings
from beholder.models.tuning.style_prompt import StylePrompt

Prompt = Callable[[int, TuningSettings], nn.Module]

PROMPTS: dict[str, Prompt] = {
    "cross_attention_prompt": lambda channels, settings: CrossAttentionPrompt(
        channels, prompts=settings.prompts
    ),
    "convolution_prompt": lambda channels, _: ConvolutionPrompt(channels),
    "style_prompt": StylePrompt,
}
"""Methods that act on the map of a stage, by name."""


def apply_tuning(model: nn.Module, settings: TuningSettings) -> nn.Module:
    """Freeze a model and add what a tuning trains; its outputs do not change yet.

    Args:
        model: Its weights are the start; it is changed. Its last layer is `regress`.
        settings: Which tuning, and its sizes.

    Returns:
        The same model. Its trained parameters, and only those, ask for gradients.

    Raises:
        UsageError: The tuning acts on the stages of a QMamba, and the model is none.
    """
    if settings.name == "full":
        return model.requires_grad_(True)
    model.requires_grad_(False)
    if settings.name not in ("none", "head"):
        if not isinstance(model, QMamba):
            raise UsageError(
                f"expected a QMamba or LQMamba for tuning.name={settings.name}, found "
                f"{type(model).__name__}; none, head and full take any network"
            )
        _adapt(model, settings)
    if settings.name == "head" or (settings.name != "none" and settings.head == "trained"):
        model.get_submodule("regress").requires_grad_(True)
    return model


def _adapt(model: QMamba, settings: TuningSettings) -> None:
    if settings.name == "ssf":
        add_scale_shift(model.backbone)
    elif settings.name == "lora":
        add_low_rank(model.backbone, settings.rank)
    else:
        _add_prompts(model, settings)


def _add_prompts(model: QMamba, settings: TuningSettings) -> None:
    backbone, make = model.backbone, PROMPTS[settings.name]
    widths = backbone.config.widths
    for stage in settings.stage_numbers():
        # Nothing follows the last stage, so there is no other place there.
        after = settings.place == "downsample" and stage + 1 < len(widths)
        layers = backbone.downsamples if after else backbone.stages
        adapter = make(widths[stage + after], settings)
        layers[stage] = Adapted(layers[stage], adapter)


def trained_parameters(model: nn.Module) -> int:
    """Count the numbers that ask for gradients."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


@torch.no_grad()
def count_operations(model: nn.Module, *, side_px: int) -> int:
    """Count additions and multiplications of one square picture.

    Matrix products and convolutions, and what tunings do to every number of a map; not the scan,
    norms and activations, which no tuning changes.
    """
    extra = 0

    def count(module: nn.Module, _: tuple[Tensor, ...], out: Tensor) -> None:
        nonlocal extra
        # Only adapters tell this; other modules may give several maps.
        operations = getattr(module, "operations_per_number", None)
        if isinstance(operations, int):
            extra += operations * out.numel()

    hooks = [module.register_forward_hook(count) for module in model.modules()]
    try:
        with FlopCounterMode(display=False) as counter:
            model(torch.zeros(1, 3, side_px, side_px))
    finally:
        for hook in hooks:
            hook.remove()
    return int(counter.get_total_flops()) + extra


def added_operations(base: nn.Module, tuned: nn.Module, *, side_px: int = 224) -> int:
    """Return how many operations a tuning adds to those of its base."""
    return count_operations(tuned, side_px=side_px) - count_operations(base, side_px=side_px)
