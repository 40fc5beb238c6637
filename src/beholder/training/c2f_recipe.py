"""What a coarse-to-fine run on video is: settings, one dataclass per concern."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from beholder.errors import UsageError
from beholder.models.c2f_sizes import find_size
from beholder.records import ViewSpec
from beholder.training.recipe import LoopSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class C2fModel:
    """What is trained."""

    size: str = "nano"
    """Of the spatial module: `nano`, `t`, `s` or `b`."""
    fusion: Literal["transformer", "mean"] = "transformer"
    """Of the frames over time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class C2fData:
    """Which data, and what a batch is made of. Paths are relative to the data folder."""

    sets: str = "ladder=ladders"
    """NAME=FOLDER of each set, commas between them; names of `beholder datasets`. Every clip must
    carry its rate."""
    spatial: str = ""
    """Weights of the spatial module: `model.safetensors` of a run of `c2f_spatial`; empty: random
    ones."""
    holdout_fraction: float = 0.15
    """Share that is kept out, whole contents, to choose and to calibrate."""
    num_groups: int = 4
    """Groups of bitrates."""
    group_by: Literal["content", "set"] = "content"
    """Whether a clip's rate is compared with those of its own content, or of all clips."""
    num_contents: int = 4
    """Contents in a batch, of each group."""
    num_clips: int = 2
    """Clips of each content and group in a batch."""
    seed: int = 0
    """Of the batches and of the starting weights."""

    def __post_init__(self) -> None:
        """Refuse batches in which a term of the loss could never count."""
        if min(self.num_groups, self.num_contents) < 2 or self.num_clips < 1:
            raise UsageError(
                "expected data.num_groups and data.num_contents of 2 or more, and data.num_clips "
                f"of 1 or more, found {self.num_groups}, {self.num_contents} and {self.num_clips}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class C2fOptim:
    """AdamW with warm-up and cosine decay, and the weights of the loss."""

    learning_rate: float = 5e-4
    spatial_share: float = 0.0
    """Learning rate of the spatial module as a share of the others'; 0: it is frozen, and its
    features are computed once."""
    weight_decay: float = 0.02
    warmup_steps: int = 50
    coarse_weight: float = 0.1
    """Of `losses.coarse_to_fine.group_contrastive`; 0: without."""
    fine_weight: float = 0.3
    """Of `losses.coarse_to_fine.within_group_rank`; 0: without."""
    margin: float = 0.0
    """Of the rank term, in units of the opinion."""
    beta: float = 0.1
    """Error, in 0..1, at which smooth L1 turns linear."""
    average_decay: float = 0.99
    """Of the exponential moving average of the weights, which is what is kept."""


_LOOP = LoopSettings(steps=600, validate_every=100, precision="32-true", threads=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class C2fRecipe:
    """One named run on clips that carry a rate."""

    name: str
    summary: str
    view: ViewSpec
    """Its `max_frames` is the number of frames that the model takes."""
    model: C2fModel = field(default_factory=C2fModel)
    data: C2fData = field(default_factory=C2fData)
    optim: C2fOptim = field(default_factory=C2fOptim)
    loop: LoopSettings = _LOOP

    def __post_init__(self) -> None:
        """Refuse a size whose views are not those of the recipe."""
        side = find_size(self.model.size).side_px
        if side != self.view.detail_side_px:
            raise UsageError(
                f"expected a size for views of {self.view.detail_side_px}, found model.size="
                f"{self.model.size}, which takes {side}; see: beholder recipes"
            )

    def to_json(self) -> str:
        """Write the recipe as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @staticmethod
    def from_json(text: str) -> C2fRecipe:
        """Read what `to_json` wrote; gives an equal recipe."""
        data: dict[str, Any] = json.loads(text)
        view: dict[str, Any] = data.pop("view")
        view |= {name: tuple(view[name]) for name in ("mean", "std")}
        return C2fRecipe(
            view=ViewSpec(**view),
            model=C2fModel(**data.pop("model")),
            data=C2fData(**data.pop("data")),
            optim=C2fOptim(**data.pop("optim")),
            loop=LoopSettings(**data.pop("loop")),
            **data,
        )
