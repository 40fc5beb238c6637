"""What a run on rated pictures is: any network, one set or several, whole or tuned."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal

from beholder.errors import UsageError
from beholder.models.tuning.settings import TuningSettings
from beholder.records import ViewSpec
from beholder.training.recipe import LoopSettings


def named_folders(sets: str) -> list[tuple[str, str]]:
    """Return name and folder of each set of a text like `koniq10k=koniq10k,csv=mine`.

    Raises:
        UsageError: Not of the form NAME=FOLDER, or none.
    """
    pairs = [text.strip().partition("=") for text in sets.split(",")]
    if not all(name and folder for name, _, folder in pairs):
        raise UsageError(f"expected data.sets like biq2021=BIQ2021,avt_ai=avt_ai, found {sets!r}")
    return [(name, folder) for name, _, folder in pairs]


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkSettings:
    """What is trained."""

    network: str = "lqmamba_nano"
    """Of `models.networks`, e.g. `lqmamba_t`."""
    drop_path: float = 0.0
    """Share of a batch in which the last block is left out (stochastic depth)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityData:
    """Which data, and what a batch is made of. Paths are relative to the data folder."""

    sets: str = "biq2021=BIQ2021"
    """NAME=FOLDER of each set, commas between them; names of `beholder datasets`."""
    missing: Literal["refuse", "skip"] = "refuse"
    """What to do about pictures whose files are not there."""
    start: str = ""
    """Weights to start from, safetensors of a run of the same network, or a checkpoint of the
    backbone; empty: random ones."""
    test_fraction: float = 0.2
    """Share of a set without official split that is kept for the test, whole contents."""
    holdout_fraction: float = 0.1
    """Share of the training part that is kept out, to choose and to calibrate."""
    crop_px: int = 224
    """Side of the training crops."""
    batch: int = 16
    """Crops per step, shared evenly by the sets."""
    repeat: int = 0
    """Of the ten repeats of the protocol: another one draws other parts."""
    seed: int = 0
    """Of the order of the pictures and of their crops."""

    def __post_init__(self) -> None:
        """Refuse what cannot be cut or shared."""
        num_sets = len(self.pairs())
        if self.crop_px < 32 or self.batch < num_sets:
            raise UsageError(
                "expected data.crop_px of 32 or more and data.batch of at least one crop for each "
                f"of {num_sets} sets, found {self.crop_px} and {self.batch}"
            )
        if len(set(self.names())) < num_sets:
            raise UsageError(f"expected data.sets to name each set once, found {self.sets!r}")

    def names(self) -> list[str]:
        """Return what each set is called: its data set, or its folder for sets of your own."""
        return [folder if name == "csv" else name for name, folder in self.pairs()]

    def pairs(self) -> list[tuple[str, str]]:
        """Return name and folder of each set; raises as `named_folders`."""
        return named_folders(self.sets)


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityOptim:
    """AdamW with warm-up and decay; the defaults are DEIQT's (Qin et al., AAAI 2023)."""

    learning_rate: float = 2e-4
    weight_decay: float = 0.05
    warmup_steps: int = 100
    schedule: Literal["steps", "cosine"] = "steps"
    """After the warm-up: a few drops, or half a cosine."""
    num_drops: int = 2
    """How often the rate drops, at equal distances over the run."""
    drop_factor: float = 0.1
    beta: float = 0.1
    """Error, in 0..1, at which smooth L1 turns linear."""
    average_decay: float = 0.0
    """Of the exponential moving average of the weights; 0: the weights themselves are kept."""


_LOOP = LoopSettings(steps=4500, validate_every=500)


@dataclass(frozen=True, kw_only=True, slots=True)
class QualityRecipe:
    """One named run on rated pictures."""

    name: str
    summary: str
    view: ViewSpec
    model: NetworkSettings = field(default_factory=NetworkSettings)
    data: QualityData = field(default_factory=QualityData)
    tuning: TuningSettings = field(default_factory=TuningSettings)
    optim: QualityOptim = field(default_factory=QualityOptim)
    loop: LoopSettings = _LOOP

    def __post_init__(self) -> None:
        """Refuse crops that the pictures may not have, and tuning of random weights."""
        if self.data.crop_px > self.view.detail_short_side_px:
            raise UsageError(
                f"expected data.crop_px of at most {self.view.detail_short_side_px}, the shorter "
                f"side to which pictures are shrunk, found {self.data.crop_px}"
            )
        if self.tuning.name != "full" and not self.data.start:
            raise UsageError(
                f"expected data.start with tuning.name={self.tuning.name}: without trained weights "
                "to start from, only tuning.name=full has a meaning"
            )

    def to_json(self) -> str:
        """Write the recipe as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @staticmethod
    def from_json(text: str) -> QualityRecipe:
        """Read what `to_json` wrote; gives an equal recipe."""
        data: dict[str, Any] = json.loads(text)
        view: dict[str, Any] = data.pop("view")
        view |= {name: tuple(view[name]) for name in ("mean", "std")}
        return QualityRecipe(
            view=ViewSpec(**view),
            model=NetworkSettings(**data.pop("model")),
            data=QualityData(**data.pop("data")),
            tuning=TuningSettings(**data.pop("tuning")),
            optim=QualityOptim(**data.pop("optim")),
            loop=LoopSettings(**data.pop("loop")),
            **data,
        )
