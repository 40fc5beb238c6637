"""What a training run is: frozen settings, one dataclass per concern."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal

from beholder.errors import UsageError
from beholder.records import ViewSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSettings:
    """Which data, and what a batch is made of. Paths are relative to the data folder."""

    photos: str = "BIQ2021"
    """Folder of the rated photographs, as distributed."""
    ladders: str = "ladders"
    """Folder of packed compression ladders (`beholder ladder make ... --pack`)."""
    start: str = "embedded-1"
    """Starting weights of each trunk, commas between them: a model's name (`beholder models`), or a
    TFLite or ONNX file."""
    groups: str = ""
    """CSV `file,split,group` of near-duplicates; empty: found with the starting trunks."""
    taught: str = ""
    """Files of what other models say of the photographs, commas between them, as `beholder
    evaluate --save-predictions` writes them; their mean is learned beside the opinions."""
    unrated: str = ""
    """Folder of pictures without opinions, on which the head learns from `taught` alone; the files
    name them with this folder. Empty: none."""
    ladder_teacher: str = "embedded-1"
    """Trained model, by its name or its ONNX file: the head learns what it says of ladders beside
    their VMAF. Empty: none."""
    holdout_fraction: float = 0.12
    """Share of the official training part that is kept out, to choose and to calibrate."""
    choose_fraction: float = 0.33
    """Share of the held-out part on which things are chosen; all of it calibrates."""
    side_px: int = 512
    """Photographs of another size are resized to this square."""
    crop_px: int = 320
    """Side of the training crops; a multiple of 32."""
    num_photos: int = 16
    """Photographs per batch."""
    num_groups: int = 2
    """Ladder contents per batch."""
    num_rungs: int = 3
    """Versions of each ladder content, its source among them."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse sizes that the network cannot take, and pictures that nothing is known of."""
        if self.unrated and not self.taught:
            raise UsageError(
                f"expected data.taught, scores of the pictures in {self.unrated!r}, beside "
                "data.unrated; make them with: python -m benchmarks.embedded_teacher"
            )
        if self.crop_px % 32 or not 64 <= self.crop_px <= self.side_px:
            raise UsageError(
                f"expected data.crop_px to be a multiple of 32 from 64 to {self.side_px}, "
                f"found {self.crop_px}"
            )
        if self.num_rungs < 2:
            raise UsageError(f"expected data.num_rungs of 2 or more, found {self.num_rungs}")


@dataclass(frozen=True, kw_only=True, slots=True)
class EmbeddedSettings:
    """Trunks and head; sizes are those of `models.embedded.Config`."""

    trunks: str = "mobilenet_v1"
    """Names of `backbones.mobilenets.TRUNKS`, commas between them."""
    members: int = 8
    hidden: int = 64
    width: int = 32

    def names(self) -> tuple[str, ...]:
        """Return the names of the trunks."""
        return tuple(name.strip() for name in self.trunks.split(","))


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadSettings:
    """The head's first lesson, on features of the resting trunks; AdamW, warm-up, cosine decay."""

    steps: int = 2500
    batch: int = 128
    """Photographs."""
    num_groups: int = 8
    """Ladder contents beside them."""
    num_rungs: int = 4
    """Versions of each, its source among them."""
    learning_rate: float = 2e-3
    warmup_steps: int = 100
    average_decay: float = 0.995

    def __post_init__(self) -> None:
        """Refuse lessons without steps or pairs."""
        if self.steps < 1 or self.num_rungs < 2:
            raise UsageError(
                "expected head.steps of 1 or more and head.num_rungs of 2 or more, found "
                f"{self.steps} and {self.num_rungs}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class OptimSettings:
    """AdamW with linear warm-up and cosine decay; the loss of both lessons."""

    trunk_learning_rate: float = 0.0
    """0: the trunks rest, and the run ends with the head's first lesson."""
    head_learning_rate: float = 1e-4
    """While the trunks learn."""
    weight_decay: float = 0.02
    warmup_steps: int = 200
    correlation_weight: float = 0.5
    """Weight of `losses.regression.correlation_loss` beside `opinion_loss`."""
    taught_weight: float = 3.0
    """Weight of `opinion_loss` against `data.taught`, where there is such a file."""
    told_weight: float = 1.0
    """Weight of `opinion_loss` against what `data.ladder_teacher` says of ladders."""
    rank_weight: float = 2.0
    anchor_weight: float = 0.3
    average_decay: float = 0.998
    """Of the exponential moving average of the weights, which is what is kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LoopSettings:
    """How long, and how often to look; for `embedded` after the head's first lesson."""

    steps: int = 4000
    validate_every: int = 500
    log_every: int = 25
    precision: Literal["32-true", "bf16-mixed"] = "bf16-mixed"
    """Lightning Fabric's name of the arithmetic."""
    threads: int = 2
    """CPU threads of the arithmetic."""
    accelerator: Literal["cpu", "cuda"] = "cpu"
    """Where the arithmetic is done."""

    def __post_init__(self) -> None:
        """Refuse runs without steps."""
        if self.steps < 1:
            raise UsageError(f"expected loop.steps of 1 or more, found {self.steps}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """One named run: everything that decides its result but the data themselves."""

    name: str
    summary: str
    view: ViewSpec
    data: DataSettings = DataSettings()
    model: EmbeddedSettings = EmbeddedSettings()
    head: HeadSettings = HeadSettings()
    optim: OptimSettings = OptimSettings()
    loop: LoopSettings = LoopSettings()

    def __post_init__(self) -> None:
        """Refuse photographs that the scorer would see in several views."""
        if self.data.side_px**2 > self.view.whole_area_px:
            raise UsageError(
                f"expected data.side_px of at most the root of the view's whole_area_px "
                f"({self.view.whole_area_px}), found {self.data.side_px}"
            )

    def to_json(self) -> str:
        """Write the recipe as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @staticmethod
    def from_json(text: str) -> Recipe:
        """Read what `to_json` wrote; gives an equal recipe."""
        data: dict[str, Any] = json.loads(text)
        view: dict[str, Any] = data.pop("view")
        view |= {name: tuple(view[name]) for name in ("mean", "std")}
        return Recipe(
            view=ViewSpec(**view),
            data=DataSettings(**data.pop("data")),
            model=EmbeddedSettings(**data.pop("model")),
            head=HeadSettings(**data.pop("head")),
            optim=OptimSettings(**data.pop("optim")),
            loop=LoopSettings(**data.pop("loop")),
            **data,
        )
