"""The card of a data set: what it is, on which scale, under which licence, and where to get it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from beholder.datasets.rows import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetCard:
    """Everything about a data set that is not its rows."""

    name: str
    """The word that the command line knows it by."""
    title: str
    kind: Literal["image", "video", "any"]
    summary: str
    """What is in it and who rated it, in one or two sentences."""
    num_items: int | None
    """Rated items as distributed; None where it depends on the folder."""
    mos_range: tuple[float, float]
    """Opinions of the worst and of the best quality on the set's own scale; they become 0 and 1.

    The first number is the larger one where the set gives degradations (DMOS).
    """
    content: str
    """What items of one `content_id` have in common."""
    split: str
    """How the literature splits it."""
    licence: str
    source: str
    """Where to get it."""
    layout: str
    """What has to lie in the folder given as root."""
    verified: str
    """How the layout was verified."""
    citation: str

    def unit(self, opinion: float) -> float:
        """Bring an opinion from the set's own scale to 0..1, higher is better."""
        worst, best = self.mos_range
        return (opinion - worst) / (best - worst)

    def unit_std(self, spread: float | None) -> float | None:
        """Bring a standard deviation of opinions to the 0..1 scale; None stays None."""
        worst, best = self.mos_range
        return None if spread is None else spread / abs(best - worst)


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """A data set that Beholder knows."""

    card: DatasetCard
    read_labels: Callable[[Path], list[Row]]
    """From the root folder to the rows of every labelled item, its file being there or not."""
