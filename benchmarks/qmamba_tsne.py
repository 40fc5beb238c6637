"""Features of pictures with known faults in the plane (t-SNE), coloured by the kind of fault.

    python -m benchmarks.qmamba_tsne WORK SYNTHETIC PICTURE.png

WORK and SYNTHETIC as for `benchmarks.qmamba`, which trained the networks. Test contents only, the
two strongest levels of each fault; a picture's features are the mean over its crops. Below, each
photograph's own mean over its faults is taken away first.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

import numpy as np
import torch

from beholder.datasets.registry import read_dataset
from beholder.reports.canvas import Canvas, Color
from beholder.training.picture_store import open_pictures
from benchmarks.qmamba import BASE, NETWORKS, SIDE_PX, features, restore
from benchmarks.synthetic_set import FAULTS

RUNS = {BASE: "lqmamba_nano, 2,000 steps"} | {
    f"synthetic_{network}": f"{network}, 600 steps" for network in NETWORKS
}
"""Runs on the synthetic set, and what is written above them."""

PANEL_PX, PLOT_PX, HEAD_PX, LEGEND_PX = 310, 280, 60, 40
INK, GROUND = (38, 42, 48), (244, 246, 248)
COLORS: tuple[Color, ...] = (
    *((230, 25, 75), (245, 130, 48), (210, 180, 0), (60, 180, 75), (0, 128, 128)),
    *((70, 160, 240), (0, 0, 160), (145, 30, 180), (240, 50, 230), (110, 110, 110)),
)


def main() -> None:
    """Draw one panel for each run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("work", type=Path)
    parser.add_argument("synthetic", type=Path)
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = read_dataset("csv", options.synthetic)
    pixels = open_pictures(
        [row.path for row in rows],
        options.work / "cache" / f"csv_{options.synthetic.name}",
        short_px=SIDE_PX,
        progress=lambda *_: None,
    )
    items = [i for i, row in enumerate(rows) if row.split == "test" and (row.level or 0) >= 4]
    kinds = np.array([list(FAULTS).index(rows[i].distortion) for i in items])
    photographs = np.array([rows[i].content_id for i in items])
    whole, without = {}, {}
    for name in RUNS:
        found = features(restore(options.work, name), (pixels[i] for i in items))
        whole[name] = embed(found)
        without[name] = embed(found - mean_of_each(found, photographs))
    options.picture.write_bytes(draw([whole, without], kinds))


def mean_of_each(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return for each item the mean of its group's features, [items, D]."""
    _, places = np.unique(groups, return_inverse=True)
    sums = np.zeros((places.max() + 1, values.shape[1]))
    np.add.at(sums, places, values)
    means: np.ndarray = (sums / np.bincount(places)[:, None])[places]
    return means


def embed(values: np.ndarray) -> np.ndarray:
    """Bring features [items, D] into the unit square, [items, 2]."""
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    scaled = (values - values.mean(0)) / (values.std(0) + 1e-6)
    # Beyond its fifty strongest directions there is noise, which only costs time.
    short = PCA(50, random_state=0).fit_transform(scaled)
    places = TSNE(init="pca", random_state=0).fit_transform(short)
    unit: np.ndarray = (places - places.min(0)) / np.ptp(places, axis=0)
    return unit


def draw(lines: list[dict[str, np.ndarray]], kinds: np.ndarray) -> bytes:
    """Draw places [items, 2] of each network, one line above the other, coloured by kind: a PNG."""
    bottom = HEAD_PX + len(lines) * PANEL_PX
    canvas = Canvas(len(RUNS) * PANEL_PX, bottom + LEGEND_PX)
    title = f"t-SNE of {len(kinds)} pictures that took no part in training, by kind of fault"
    canvas.text((20, 30), title, size_px=15, color=INK)
    for (line, panels), (number, run) in itertools.product(enumerate(lines), enumerate(RUNS)):
        left, top = number * PANEL_PX + 20, HEAD_PX + line * PANEL_PX + 10
        name = "less its photograph" if line else RUNS[run]
        canvas.text((left, top - 6), name, size_px=12, color=INK)
        canvas.fill((left, top), (left + PLOT_PX, top + PLOT_PX), color=GROUND)
        for (x, y), kind in zip(panels[run], kinds, strict=True):
            dot = (left + 10 + x * (PLOT_PX - 20), top + 10 + y * (PLOT_PX - 20))
            canvas.line([dot], width_px=5, color=COLORS[kind])
    for kind, name in enumerate(FAULTS):
        left, top = 30 + kind * 130, bottom + 5
        canvas.line([(left, top)], width_px=9, color=COLORS[kind])
        canvas.text((left + 12, top + 5), name, size_px=12, color=INK)
    return canvas.to_png()


if __name__ == "__main__":
    main()
