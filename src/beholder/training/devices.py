"""The device of a run, and a model that hides on which one it lies.

With the loop the only file that knows Fabric.
"""

from __future__ import annotations

from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from beholder.errors import UsageError
from beholder.training import processes
from beholder.training.recipe import LoopSettings


def open_fabric(loop: LoopSettings) -> Fabric:
    """Prepare the arithmetic of a run: on one device, or on as many as `torchrun` has processes.

    Raises:
        UsageError: A graphics card is asked for and there is none.
    """
    if loop.accelerator == "cuda" and not torch.cuda.is_available():
        raise UsageError(
            "expected a graphics card for loop.accelerator=cuda, found none that torch can use; "
            "set loop.accelerator=cpu"
        )
    together = processes.count() > 1
    fabric = Fabric(
        accelerator=loop.accelerator,
        devices=processes.count_here() if together else 1,
        num_nodes=processes.count() // processes.count_here(),
        strategy="ddp" if together else "auto",
        precision=loop.precision,
    )
    if together:
        fabric.launch()
    return fabric


class OnDevice(nn.Module):
    """A model on any device that takes and gives tensors of the processor."""

    def __init__(self, model: Any, device: torch.device) -> None:
        super().__init__()
        self.model = model
        self._device = device

    def forward(self, views: Tensor) -> Tensor:
        """Map views to quality, as the model does."""
        quality: Tensor = self.model(views.to(self._device))
        return quality.cpu()

    def features(self, views: Tensor) -> Tensor:
        """Map views to features, as the model does."""
        features: Tensor = self.model.features(views.to(self._device))
        return features.cpu()

    def from_frames(self, frames: Tensor) -> Tensor:
        """Map features of frames to those of a clip, as a model of clips does."""
        features: Tensor = self.model.from_frames(frames.to(self._device))
        return features.cpu()

    def head(self, features: Tensor) -> Tensor:
        """Map features to quality, as the model does."""
        quality: Tensor = self.model.head(features.to(self._device))
        return quality.cpu()
