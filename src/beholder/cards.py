"""Model cards: the facts about a model that travel inside its own file, readable without torch.

A card is stored as JSON under `METADATA_KEY` in the metadata of the ONNX file, so preprocessing,
scale and calibration cannot drift away from the weights.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from beholder.errors import ModelError
from beholder.records import ViewSpec

METADATA_KEY = "beholder_card"
CARD_SCHEMA = 1

EMBEDDED = "embedded"
ASSETS: dict[str, str] = {EMBEDDED: "embedded.onnx", "embedded-1": "embedded_1.onnx"}
"""Models inside the wheel: name to file in `beholder/scoring/assets`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Calibration:
    """From the network's output to the score of a person's scale.

    `score = 100 * clip(slope * output + intercept, 0, 1)`; the 90 % interval is the score plus and
    minus `half_width`, cut at 0 and 100 (split conformal: the half width is a quantile of the
    absolute error on images that took no part in training, so high that with 95 % probability the
    interval keeps its 90 % on new images of the same kind; see `evaluation.conformal`).
    """

    slope: float
    intercept: float
    half_width: float
    """In points of the 0..100 scale."""
    coverage: float
    """Nominal coverage of the interval, 0.9."""
    num_items: int
    """Images in the calibration part."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One measured figure with everything needed to judge it."""

    figure: str
    """E.g. `srcc`."""
    value: float
    interval: tuple[float, float] | None
    """95 % bootstrap interval, None where it has no meaning."""
    data: str
    """Data set and split, e.g. `BIQ2021 official test`."""
    num_items: int
    command: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelCard:
    """Everything about a model that is not its weights."""

    name: str
    task: str
    """`image` or `video`: what it was trained to score; both can be given to any model."""
    summary: str
    architecture: str
    licence: str
    source: str
    """Paper or recipe, and the starting weights with their licence."""
    trained_on: tuple[str, ...]
    """Data sets with their licences."""
    view: ViewSpec
    calibration: Calibration
    results: tuple[Result, ...]
    versions: dict[str, str]
    """Packages that trained and exported it."""

    def to_json(self) -> str:
        """Write the card as one JSON object with sorted keys."""
        return json.dumps({"schema": CARD_SCHEMA, **dataclasses.asdict(self)}, sort_keys=True)

    @staticmethod
    def from_json(text: str) -> ModelCard:
        """Read a card; raises `ModelError` for a field missing or unknown, or another schema."""
        try:
            data: dict[str, Any] = json.loads(text)
            schema = data.pop("schema", None)
            if schema != CARD_SCHEMA:
                raise ModelError(
                    f"expected a model card of schema {CARD_SCHEMA}, found {schema!r}; "
                    "update Beholder"
                )
            data["view"] = _view(data["view"])
            data["calibration"] = Calibration(**data["calibration"])
            data["results"] = tuple(_result(r) for r in data["results"])
            data["trained_on"] = tuple(data["trained_on"])
            return ModelCard(**data)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(
                f"expected a model card, found something else: {error}; export the model again"
            ) from error


def read_results(text: str) -> tuple[Result, ...]:
    """Read the figures that a benchmark left for a card: the list `card` of its JSON object.

    Raises:
        ModelError: There is no such list, or it holds something else.
    """
    try:
        return tuple(_result(r) for r in json.loads(text)["card"])
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"expected a benchmark's result with a list 'card', found something else: {error!r}; "
            "give a file that benchmarks/accuracy_*.py wrote"
        ) from error


def _view(data: dict[str, Any]) -> ViewSpec:
    return ViewSpec(**{**data, "mean": tuple(data["mean"]), "std": tuple(data["std"])})


def _result(data: dict[str, Any]) -> Result:
    interval = data["interval"]
    return Result(**{**data, "interval": None if interval is None else tuple(interval)})
