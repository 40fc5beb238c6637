"""`beholder pool rank`."""

from __future__ import annotations

import dataclasses
import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholder.app.sink import write_text
from beholder.reports.table import to_table

if TYPE_CHECKING:
    from beholder.evaluation.selection import Ranking


class Bins(StrEnum):
    """What is equal between pseudo clusters."""

    WIDTH = "width"
    COUNT = "count"


class Normalise(StrEnum):
    """What is done to features before distances are taken."""

    none = "none"
    l2 = "l2"
    zscore = "zscore"


class Format(StrEnum):
    """How the ranking is written."""

    table = "table"
    json = "json"


def rank(
    folder: Annotated[Path, typer.Argument(metavar="FEATURES", help="Made by pool extract.")],
    clusters: Annotated[
        int, typer.Option("--clusters", metavar="K", min=2, help="Pseudo clusters by opinion.")
    ] = 6,
    bins: Annotated[
        Bins, typer.Option("--bins", help="Clusters of equal width, or of equally many items.")
    ] = Bins.WIDTH,
    normalise: Annotated[
        Normalise, typer.Option("--normalise", help="Each item to length 1 (l2), or features.")
    ] = Normalise.l2,
    components: Annotated[
        int | None, typer.Option("--components", metavar="N", min=1, help="Of the features; PCA.")
    ] = None,
    models: Annotated[
        int, typer.Option("--models", metavar="N", min=1, help="How many to choose.")
    ] = 3,
    form: Annotated[Format, typer.Option("--format", help="Table or JSON.")] = Format.table,
) -> None:
    """Rank frozen models by the Davies-Bouldin index of their features.

    Beside it: the weight in the fusion, and how well a linear probe on the model's features alone
    ranks unseen items (SRCC), which tells whether the index is a good selector here. Of one
    pre-task at most two models are chosen. Where items have splits, the test part is not opened.

    \b
    Examples:
      beholder pool rank features/
      beholder pool rank features/ --clusters 9 --bins count --format json
    """
    from beholder.evaluation.selection import Reading, rank_models, training_places
    from beholder.pool.store import open_features

    features = open_features(folder)
    places = training_places([row.split for row in features.rows])
    ranking = rank_models(
        {name: features.features(name)[places] for name in features.names},
        features.mos[places],
        contents=[features.content_ids[place] for place in places],
        pretexts={name: entry.pretext for name, entry in features.entries.items()},
        reading=Reading(
            num_clusters=clusters,
            bins=bins.value,
            normalise=normalise.value,
            num_components=components,
        ),
        num_models=models,
    )
    if form is Format.json:
        text = json.dumps({"schema": 1, **dataclasses.asdict(ranking)}, indent=2) + "\n"
    else:
        text = _table(ranking, num_items=len(places))
    write_text(sys.stdout.buffer, text)


def _table(ranking: Ranking, *, num_items: int) -> str:
    rows = [
        (
            "*" if model.chosen else "",
            f"{model.dbi:.2f}",
            f"{model.weight:.3f}",
            f"{model.probe_srcc:.3f}",
            model.name,
            model.pretext,
        )
        for model in ranking.models
    ]
    table = to_table(("chosen", "dbi", "weight", "probe", "model", "pre-task"), rows, left=4)
    told = "unknown" if ranking.rank_correlation is None else f"{ranking.rank_correlation:.2f}"
    return f"{table}{num_items} items; rank correlation of the index with the probes: {told}\n"
