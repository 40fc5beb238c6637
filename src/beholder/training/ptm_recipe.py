"""What a PTM-VQA run is: frozen settings, one dataclass per concern."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal

from beholder.errors import UsageError
from beholder.evaluation.davies_bouldin import Bins, Normalise
from beholder.training.recipe import LoopSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolSettings:
    """Which frozen models take part, and with what weight."""

    models: str = ""
    """Names with commas between them; empty: chosen by Davies-Bouldin index."""
    num_models: int = 0
    """How many are chosen by index, at most two of one pre-task; 0: all, whatever their pre-task.
    Without meaning where `models` names them."""
    weighting: Literal["dbi", "uniform", "probe"] = "dbi"
    """Weights of the fusion: inverse Davies-Bouldin indices (the paper's), equal ones, or by how
    well a linear probe on each model's features ranks opinions (ours)."""
    num_clusters: int = 6
    bins: Bins = "width"
    """Pseudo clusters of equal range of opinion, or of equally many items."""
    normalise: Normalise = "l2"
    """Of the features before their index is taken."""
    holdout_fraction: float = 0.1
    """Share of the items kept out to validate and to calibrate, whole contents at a time."""
    seed: int = 0
    """Of the held-out part, the start of the weights, and the order of the items."""

    def __post_init__(self) -> None:
        """Refuse weights that have no meaning."""
        if self.weighting not in ("dbi", "uniform", "probe") or self.num_models < 0:
            raise UsageError(
                "expected pool.weighting dbi, uniform or probe and pool.num_models of 0 or more, "
                f"found {self.weighting!r} and {self.num_models}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadSettings:
    """Sizes of the head; see `models.ptm_vqa.Config`."""

    reduced: int = 256
    hidden: int = 48
    width: int = 32
    members: int = 4
    input_dropout: float = 0.1
    hidden_dropout: float = 0.2
    fusion: Literal["sum", "concat"] = "sum"
    kernel_share: float = 0.5
    """Of the kernel path in the answer; 0: only what is trained answers."""
    landmarks: int = 2048
    """Most items that the kernel path keeps."""
    rank_levels: int = 0
    """Levels of opinion between which ranks are learned in place of opinions; 0: opinions."""

    def __post_init__(self) -> None:
        """Refuse a kernel path that keeps nothing."""
        if self.kernel_share and self.landmarks < 1:
            raise UsageError(
                f"expected head.landmarks of 1 or more, found {self.landmarks}; for a head without "
                "kernel path set head.kernel_share=0"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class IcidSettings:
    """AdamW with warm-up and cosine decay, and the parts of the loss."""

    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    warmup_steps: int = 20
    batch: int = 64
    beta: float = 0.05
    """Error, in 0..1, at which smooth L1 turns linear; the loss is in units of it."""
    intra_weight: float = 1.0
    inter_weight: float = 1.0
    margin: float = 0.2
    triplets: Literal["fused", "each"] = "fused"
    """Where inter-divisibility acts: on the fused features, or on those of every model."""
    average_decay: float = 0.99

    def __post_init__(self) -> None:
        """Refuse batches without pairs and places that do not exist."""
        if self.batch < 2 or self.triplets not in ("fused", "each"):
            raise UsageError(
                "expected optim.batch of 2 or more and optim.triplets fused or each, found "
                f"{self.batch} and {self.triplets!r}"
            )


# One thread: products this small gain less from a second than the two wait for each other.
_LOOP = LoopSettings(steps=600, validate_every=600, log_every=10, precision="32-true", threads=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class PtmRecipe:
    """One named run on cached features."""

    name: str
    summary: str
    pool: PoolSettings = PoolSettings()
    head: HeadSettings = HeadSettings()
    optim: IcidSettings = IcidSettings()
    loop: LoopSettings = _LOOP

    def __post_init__(self) -> None:
        """Refuse rounded arithmetic: predictions would tie, and nothing would be quicker."""
        if self.loop.precision != "32-true":
            raise UsageError(
                f"expected loop.precision=32-true for {self.name}, found {self.loop.precision}"
            )

    def to_json(self) -> str:
        """Write the recipe as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @staticmethod
    def from_json(text: str) -> PtmRecipe:
        """Read what `to_json` wrote; gives an equal recipe."""
        data: dict[str, Any] = json.loads(text)
        return PtmRecipe(
            pool=PoolSettings(**data.pop("pool")),
            head=HeadSettings(**data.pop("head")),
            optim=IcidSettings(**data.pop("optim")),
            loop=LoopSettings(**data.pop("loop")),
            **data,
        )
