"""Features of pictures with known faults in the plane (t-SNE), coloured by the kind of fault.

    python -m benchmarks.qmamba_tsne WORK SYNTHETIC PICTURE.png

WORK and SYNTHETIC as for `benchmarks.qmamba`, which trained the networks. Test contents only, the
two strongest levels of each fault; a picture's features are the mean over its crops.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from beholder.datasets.registry import read_dataset
from beholder.reports.canvas import Canvas, Color
from beholder.training.picture_store import open_pictures
from benchmarks.qmamba import BASE, NETWORKS, SIDE_PX, features, restore
from benchmarks.synthetic_set import FAULTS

RUNS = (BASE, *(f"synthetic_{network}" for network in NETWORKS))
"""Networks that were trained on the synthetic set, the longest trained one first."""

PANEL_PX, PLOT_PX, HEAD_PX, LEGEND_PX = 360, 320, 60, 40
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
    panels = {}
    for name in RUNS:
        model = restore(options.work, name)
        panels[name] = embed(features(model, (pixels[i] for i in items)))
    options.picture.write_bytes(draw(panels, kinds))


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


def draw(panels: dict[str, np.ndarray], kinds: np.ndarray) -> bytes:
    """Draw places [items, 2] of each network, coloured by kind: a PNG file."""
    canvas = Canvas(len(panels) * PANEL_PX, HEAD_PX + PANEL_PX + LEGEND_PX)
    title = f"t-SNE of {len(kinds)} pictures that took no part in training, by kind of fault"
    canvas.text((20, 30), title, size_px=15, color=INK)
    for number, (name, places) in enumerate(panels.items()):
        left, top = number * PANEL_PX + 20, HEAD_PX + 10
        canvas.text((left, top - 6), name, size_px=12, color=INK)
        canvas.fill((left, top), (left + PLOT_PX, top + PLOT_PX), color=GROUND)
        for (x, y), kind in zip(places, kinds, strict=True):
            dot = (left + 10 + x * (PLOT_PX - 20), top + 10 + y * (PLOT_PX - 20))
            canvas.line([dot], width_px=5, color=COLORS[kind])
    for kind, name in enumerate(FAULTS):
        left, top = 30 + kind * 105, HEAD_PX + PANEL_PX + 5
        canvas.line([(left, top)], width_px=9, color=COLORS[kind])
        canvas.text((left + 12, top + 5), name, size_px=12, color=INK)
    return canvas.to_png()


if __name__ == "__main__":
    main()
