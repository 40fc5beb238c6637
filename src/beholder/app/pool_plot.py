"""`beholder pool plot`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholder.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np

_EXTRA = "pool"


def plot(
    folder: Annotated[Path, typer.Argument(metavar="FEATURES", help="Made by pool extract.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the pictures.")],
    run: Annotated[
        Path | None, typer.Option("--run", metavar="RUN", help="A PTM-VQA run: after, too.")
    ] = None,
    clusters: Annotated[
        int, typer.Option("--clusters", metavar="K", min=2, help="Pseudo clusters by opinion.")
    ] = 6,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=50, help="Most items in a picture.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", help="Of the items and of t-SNE.")] = 0,
) -> None:
    """Draw features of frozen models by t-SNE, coloured by opinion, with the index of each.

    \b
    Writes before.png (features as they are) and selector.png (each model's own SRCC over its
    index); with --run also after.png (features in its common space) and losses.png (its loss by
    term). Needs: pip install 'beholder[pool]'.

    \b
    Example:
      beholder pool plot features/ --out pictures/ --run runs/ptm_vqa
    """
    import numpy as np

    from beholder.evaluation.selection import rank_models, training_places
    from beholder.pool.store import open_features
    from beholder.reports.clusters import draw_selector

    features = open_features(folder)
    places = training_places([row.split for row in features.rows])
    rng = np.random.default_rng(seed)
    places = np.sort(rng.permutation(places)[:limit])
    values = {name: features.features(name)[places] for name in features.names}
    mos = features.mos[places]
    out.mkdir(parents=True, exist_ok=True)
    settings = {"clusters": clusters, "seed": seed}
    (out / "before.png").write_bytes(_picture(values, mos, title="Before", **settings))
    if run is not None:
        after = _transformed(run, values)
        (out / "after.png").write_bytes(_picture(after, mos, title="After", **settings))
        (out / "losses.png").write_bytes(_losses(run))
    contents = [features.content_ids[place] for place in places]
    models = rank_models(values, mos, contents=contents, pretexts={}).models
    finite = [model for model in models if np.isfinite(model.dbi)]
    picture = draw_selector(
        [model.name for model in finite],
        [model.dbi for model in finite],
        [model.probe_srcc for model in finite],
    )
    (out / "selector.png").write_bytes(picture)
    typer.echo(f"{len(places)} items, {len(values)} models: {out}")


def _picture(
    values: dict[str, np.ndarray], mos: np.ndarray, *, title: str, clusters: int, seed: int
) -> bytes:
    from beholder.evaluation.davies_bouldin import davies_bouldin, normalised, pseudo_clusters
    from beholder.reports.clusters import Panel, draw_clusters

    labels = pseudo_clusters(mos, num_clusters=clusters)
    panels = []
    for name, features in values.items():
        unit = normalised(features, "l2")
        index = davies_bouldin(unit, labels)
        places = _embed(unit, seed=seed)
        panels.append(Panel(title=f"{name}  DBI {index:.2f}", places=places, clusters=labels))
    line = f"{title}: {len(mos)} items, t-SNE, opinions from red (bad) to blue (good)"
    return draw_clusters(panels, title=line)


def _embed(features: np.ndarray, *, seed: int) -> np.ndarray:
    try:
        from sklearn.manifold import TSNE
    except ModuleNotFoundError as error:
        raise MissingExtra("scikit-learn", _EXTRA) from error
    # PCA as the start makes the picture repeat itself from run to run.
    places: np.ndarray = TSNE(init="pca", random_state=seed).fit_transform(features)
    return places


def _transformed(run: Path, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    from beholder.errors import UsageError

    try:
        from beholder.models.ptm_vqa import common_space, load_model
    except ModuleNotFoundError as error:
        raise MissingExtra(error.name or "torch", "train") from error
    model = load_model(run)
    missing = sorted(set(model.config.models) - set(values))
    if missing:
        raise UsageError(
            f"expected features of all models of {str(run)!r}, found none of {', '.join(missing)}"
        )
    return common_space(model, values)


def _losses(run: Path) -> bytes:
    """Draw the loss of a run by term, from what its training logged."""
    import json

    from beholder.errors import ModelError
    from beholder.reports.curves import draw_losses

    path = run / "log.jsonl"
    if not path.is_file():
        raise ModelError(
            f"expected the log of a training at {str(path)!r}, found none; train the run again"
        )
    logged = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    # Validations are logged too; they hold figures, not losses.
    curves = [line for line in logged if "loss" in line]
    names = [name for name in curves[0] if name != "step"] if curves else []
    terms = {name: [line[name] for line in curves] for name in names}
    steps = [line["step"] for line in curves]
    return draw_losses(steps, terms, title=f"{run.name}: loss by term")
