"""InternVQA: a large video model rates clips, and small ones of any family learn to do as it does.

Guan et al., *InternVQA: Advancing Compressed Video Quality Assessment with Distilling Large
Foundation Model*, ISCAS 2025. Teacher and students end alike: 768 features, the pooled vector of
InternVideo2 after its norm, and one linear layer. A family of another width gets a linear
layer to 768 features, and its quality is read from these, so that what is taught is what is used.

Axis letters: B clips, T frames, S side of a view, D features.
"""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from beholder.backbones.intern_video2 import InternVideo2
from beholder.errors import UsageError

FEATURES = 768

Trained = Literal["none", "last_block_and_head", "released", "all"]
"""What of a teacher learns: nothing; what the paper says; all but the blocks before the last, as
the released code has it; everything."""


class OfClips(nn.Module):
    """A network of whole clips, [B, 3, T, S, S] to [B, D], fed with frames first."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, T, 3, S, S] to [B, D]."""
        features: Tensor = self.network(views.transpose(1, 2))
        return features


class OfFrames(nn.Module):
    """The mean over time of a network of pictures, [B, 3, S, S] to [B, D]."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, T, 3, S, S] to [B, D]."""
        frames: Tensor = self.network(views.flatten(0, 1))
        return frames.unflatten(0, views.shape[:2]).mean(1)


class InternVqa(nn.Module):
    """Quality of clips: `forward` is `head(features(views))`."""

    def __init__(self, backbone: OfClips | OfFrames, *, width: int, frames: int, side: int) -> None:
        """Put 768 features and a linear head on a backbone of random or trained weights.

        Args:
            backbone: Maps views to `width` features.
            width: D of the backbone.
            frames: T.
            side: S, in pixels.
        """
        super().__init__()
        self.view_shape = (frames, 3, side, side)
        self.backbone = backbone
        self.project = nn.Identity() if width == FEATURES else nn.Linear(width, FEATURES)
        self.regress = nn.Linear(FEATURES, 1)

    def features(self, views: Tensor) -> Tensor:
        """Map views [B, T, 3, S, S], normalised as the card says, to features [B, 768]."""
        features: Tensor = self.project(self.backbone(views))
        return features

    def head(self, features: Tensor) -> Tensor:
        """Map features [B, 768] to quality [B, 1]: higher is better."""
        quality: Tensor = self.regress(features)
        return quality

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, T, 3, S, S] to quality [B, 1]."""
        return self.head(self.features(views))


def choose_trained(teacher: InternVqa, trained: Trained) -> None:
    """Freeze a teacher but for the part that learns on.

    Raises:
        UsageError: A part is asked for that only an InternVideo2 has.
    """
    teacher.requires_grad_(trained in ("all", "released"))
    if trained in ("all", "none"):
        return
    encoder = teacher.backbone.network
    if not isinstance(encoder, InternVideo2):
        raise UsageError(
            f"expected an InternVideo2 as teacher for teacher.trained={trained}, found "
            f"{type(encoder).__name__}; none and all take any network"
        )
    encoder.blocks.requires_grad_(False)
    encoder.blocks[-1].requires_grad_(True)
    teacher.regress.requires_grad_(True)


def count_multiply_adds(model: nn.Module, views: Tensor) -> int:
    """Count the multiplications of one pass, each with its addition.

    Matrix products, attention and convolutions count; norms, activations and scans do not.

    Args:
        model: In evaluation mode; it may lie on the device `meta`, where nothing is computed.
        views: On the same device, e.g. one clip [1, T, 3, S, S].
    """
    with FlopCounterMode(display=False) as counter:
        model(views)
    return int(counter.get_total_flops()) // 2
