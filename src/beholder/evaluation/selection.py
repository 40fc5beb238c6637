"""Which frozen models to take: the paper's index beside a linear probe.

Axis letters: N items, D features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from beholder.errors import DataError
from beholder.evaluation.correlation import srcc
from beholder.evaluation.davies_bouldin import (
    Bins,
    Normalise,
    choose_models,
    davies_bouldin,
    inverse_weights,
    normalised,
    pseudo_clusters,
)
from beholder.evaluation.probe import probe_srcc


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """How the Davies-Bouldin index is read; the defaults are those of PTM-VQA."""

    num_clusters: int = 6
    bins: Bins = "width"
    normalise: Normalise = "l2"
    num_components: int | None = None
    """Principal components that distances are taken on; None: all features."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedModel:
    """What is known of one model of the pool."""

    name: str
    pretext: str
    dbi: float
    weight: float
    """Of the fusion, if all models took part."""
    probe_srcc: float
    chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """A pool in the order of its index."""

    models: tuple[RankedModel, ...]
    rank_correlation: float | None
    """SRCC of minus the index with the probe's SRCC: 1 where the index is a perfect selector;
    None for fewer than three models."""


def index_of(features: np.ndarray, mos: np.ndarray, reading: Reading) -> float:
    """Take the Davies-Bouldin index of features [N, D] under opinions [N]."""
    values = normalised(features, reading.normalise)
    if reading.num_components is not None:
        centered = values - values.mean(axis=0)
        turns = np.linalg.eigh(centered.T @ centered)[1]
        values = centered @ turns[:, -reading.num_components :]
    clusters = pseudo_clusters(mos, num_clusters=reading.num_clusters, bins=reading.bins)
    return davies_bouldin(values, clusters)


def rank_models(
    features: Mapping[str, np.ndarray],
    mos: np.ndarray,
    *,
    contents: Sequence[str],
    pretexts: Mapping[str, str],
    reading: Reading | None = None,
    num_models: int = 3,
) -> Ranking:
    """Rank a pool by Davies-Bouldin index, with each model's own linear probe beside it.

    Args:
        features: Model to float [N, D].
        mos: Opinions, [N].
        contents: Content of each item.
        pretexts: Model to its pre-task; at most two models of one are chosen.
        reading: How the index is read.
        num_models: How many to choose.

    Returns:
        Models, the lowest index first.

    Raises:
        DataError: No model; features that are not finite; opinions all in one cluster.
    """
    if not features:
        raise DataError("expected features of one model or more, found none; extract some")
    how = reading or Reading()
    indices = {name: index_of(values, mos, how) for name, values in features.items()}
    probes = {name: probe_srcc(f, mos, contents=contents) for name, f in features.items()}
    names = sorted(indices, key=lambda name: (indices[name], name))
    weights = dict(zip(names, inverse_weights([indices[n] for n in names]), strict=True))
    chosen = choose_models(indices, pretexts, num_models=num_models)
    ranked = tuple(
        RankedModel(
            name=name,
            pretext=pretexts.get(name, ""),
            dbi=indices[name],
            weight=float(weights[name]),
            probe_srcc=probes[name],
            chosen=name in chosen,
        )
        for name in names
    )
    return Ranking(models=ranked, rank_correlation=_agreement(ranked))


def training_places(splits: Sequence[str]) -> np.ndarray:
    """Return the places of the items to learn from: the training part, or all where none is told.

    Args:
        splits: `train`, `test` or empty, for each item.
    """
    sides = np.array(splits)
    known = sides == "train"
    return np.flatnonzero(known) if known.any() else np.arange(len(sides))


def _agreement(ranked: Sequence[RankedModel]) -> float | None:
    finite = [model for model in ranked if np.isfinite(model.dbi)]
    if len(finite) < 3:
        return None
    return srcc([-model.dbi for model in finite], [model.probe_srcc for model in finite])
