"""Features of test clips in the plane (t-SNE), coloured by bitrate, with and without coarse term.

    python -m benchmarks.c2f_tsne WORK PICTURE.png --train DIR ... --spatial FILE

Options as for `benchmarks.c2f`, which trained the networks. One panel for each set of terms: the
first seed of the transformer over the features of a frozen spatial module, `--start` says which.
From each clip's features the mean of its content is taken away: else every content is one dot, as
the printed silhouettes of the raw features tell. A panel's number is the silhouette of the rate
groups among the features drawn, not in the plane: 1 groups apart, 0 mixed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from beholder.reports.canvas import Canvas, Color
from beholder.training.c2f_clips import clip_features
from benchmarks.c2f import STARTS, TERMS, Arm, build_parser, gather, load, read_ladders
from benchmarks.qmamba_tsne import embed

PANEL_PX, PLOT_PX, HEAD_PX, LEGEND_PX = 360, 320, 60, 40
INK, GROUND = (38, 42, 48), (244, 246, 248)
COLORS: tuple[Color, ...] = ((200, 30, 45), (240, 140, 30), (60, 165, 90), (30, 90, 200))
NAMES = ("lowest quarter of rates", "second quarter", "third quarter", "highest quarter")


def main() -> None:
    """Draw one panel for each set of terms."""
    parser = build_parser(__doc__)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--start", choices=STARTS, default="random")
    options = parser.parse_args()
    torch.set_num_threads(1)
    ladders = read_ladders(options)
    material = gather(ladders, options, options.start)
    test = np.arange(len(material.mos) - len(ladders["test"]), len(material.mos))
    groups = material.groups[test]
    frames = torch.from_numpy(np.asarray(material.source)[test, 0])
    panels = {}
    for terms in TERMS:
        model = load(options.work, Arm(terms=terms, fusion="transformer", start=options.start), 0)
        with torch.inference_mode():
            raw = clip_features(model, frames).numpy()
        print(f"{terms}, raw features: silhouette {silhouette(raw, groups):.3f}", flush=True)
        features = less_contents(raw, [material.contents[place] for place in test])
        panels[f"{terms}: silhouette {silhouette(features, groups):.3f}"] = embed(features)
        print(list(panels)[-1], flush=True)
    options.picture.write_bytes(draw(panels, groups))


def less_contents(features: np.ndarray, contents: Sequence[str]) -> np.ndarray:
    """Take the mean of its content away from each clip's features [items, D]."""
    _, place = np.unique(contents, return_inverse=True)
    means = np.stack([features[place == number].mean(0) for number in range(place.max() + 1)])
    return features - means[place]


def silhouette(features: np.ndarray, groups: np.ndarray) -> float:
    """Tell how far the groups stand apart by cosine distance, -1..1."""
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(features, groups, metric="cosine"))


def draw(panels: dict[str, np.ndarray], groups: np.ndarray) -> bytes:
    """Draw places [items, 2] of each panel, coloured by rate group: a PNG file."""
    canvas = Canvas(len(panels) * PANEL_PX, HEAD_PX + PANEL_PX + LEGEND_PX)
    title = f"t-SNE of {len(groups)} test clips by bitrate, less the mean of their content"
    canvas.text((20, 30), title, size_px=15, color=INK)
    for number, (name, places) in enumerate(panels.items()):
        left, top = number * PANEL_PX + 20, HEAD_PX + 10
        canvas.text((left, top - 6), name, size_px=12, color=INK)
        canvas.fill((left, top), (left + PLOT_PX, top + PLOT_PX), color=GROUND)
        for (x, y), group in zip(places, groups, strict=True):
            dot = (left + 10 + x * (PLOT_PX - 20), top + 10 + y * (PLOT_PX - 20))
            canvas.line([dot], width_px=5, color=COLORS[group])
    for group, name in enumerate(NAMES):
        left, top = 30 + group * 290, HEAD_PX + PANEL_PX + 5
        canvas.line([(left, top)], width_px=9, color=COLORS[group])
        canvas.text((left + 12, top + 5), name, size_px=12, color=INK)
    return canvas.to_png()


if __name__ == "__main__":
    main()
