"""The coarse-to-fine model of clips: a spatial module on every frame, and a fusion over time.

Axis letters: B clips, T frames, S side of a view, D features.
"""

from __future__ import annotations

from torch import Tensor, nn

from beholder.models.c2f_sizes import find_size
from beholder.models.c2f_spatial import C2fSpatial
from beholder.models.c2f_temporal import WIDTH, Fusion, build_fusion


class C2f(nn.Module):
    """Quality of clips of T frames: `forward` is `head(features(views))`."""

    def __init__(self, spatial: C2fSpatial, *, fusion: Fusion, num_frames: int) -> None:
        super().__init__()
        self.num_frames = num_frames
        self.view_shape = (num_frames, *spatial.view_shape)
        self.spatial = spatial
        self.temporal = build_fusion(
            fusion, frame_features=spatial.size.features, num_frames=num_frames
        )
        self.regress = nn.Linear(WIDTH, 1)

    def frame_features(self, views: Tensor) -> Tensor:
        """Map views [B, T, 3, S, S], normalised as the card says, to frame features [B, T, D]."""
        return self.spatial.features(views.flatten(0, 1)).unflatten(0, (-1, self.num_frames))

    def from_frames(self, frames: Tensor) -> Tensor:
        """Map frame features [B, T, D] to clip features [B, WIDTH]."""
        clip: Tensor = self.temporal(frames)
        return clip

    def features(self, views: Tensor) -> Tensor:
        """Map views [B, T, 3, S, S] to clip features [B, WIDTH]."""
        return self.from_frames(self.frame_features(views))

    def head(self, features: Tensor) -> Tensor:
        """Map clip features [B, WIDTH] to quality [B, 1]: higher is better."""
        quality: Tensor = self.regress(features)
        return quality

    def forward(self, views: Tensor) -> Tensor:
        """Map views [B, T, 3, S, S] to quality [B, 1]."""
        return self.head(self.features(views))


def build(size: str, *, fusion: Fusion = "transformer", num_frames: int = 8) -> C2f:
    """Build a network with random weights.

    Args:
        size: `nano`, `t`, `s` or `b`.
        fusion: Over time.
        num_frames: T.

    Raises:
        UnknownName: No such size.
        MissingExtra: timm or torchvision is not installed.
    """
    return C2f(C2fSpatial(find_size(size)), fusion=fusion, num_frames=num_frames)
