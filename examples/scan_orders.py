"""Draw the orders in which QMamba and LQMamba read a map of 14 x 14 tokens.

    python examples/scan_orders.py scan_orders.png

Needs torch: pip install 'beholder[train]'.
"""

import itertools
import sys
from pathlib import Path

import torch

from beholder.backbones.scan_orders import ScanOrder, to_sequence
from beholder.reports.canvas import Canvas

SIDE, STEP_PX, MARGIN_PX, TOP_PX = 14, 18, 24, 56
PANELS = {
    "QMamba, rows": ScanOrder(),
    "QMamba, columns": ScanOrder(columns=True),
    "LQMamba, rows": ScanOrder(window=7),
    "LQMamba, columns": ScanOrder(columns=True, window=7),
}
START, END, INK = (30, 90, 200), (220, 70, 40), (40, 40, 40)

panel_px = SIDE * STEP_PX + 2 * MARGIN_PX
canvas = Canvas(panel_px * len(PANELS), panel_px + TOP_PX - MARGIN_PX)
tokens = torch.arange(SIDE * SIDE).reshape(1, SIDE, SIDE, 1)
for number, (title, order) in enumerate(PANELS.items()):
    left = number * panel_px + MARGIN_PX
    canvas.text((left, TOP_PX - 24), title, size_px=14, color=INK)
    places = [divmod(token, SIDE) for token in to_sequence(tokens, order).flatten().tolist()]
    points = [(left + column * STEP_PX, TOP_PX + row * STEP_PX) for row, column in places]
    for index, pair in enumerate(itertools.pairwise(points)):
        share = index / (len(points) - 2)
        mixed = tuple(round(a + share * (b - a)) for a, b in zip(START, END, strict=True))
        canvas.line(pair, width_px=2.5, color=mixed)
Path(sys.argv[1]).write_bytes(canvas.to_png())
print(f"{len(PANELS)} orders of {SIDE * SIDE} tokens: {sys.argv[1]}")
