"""Shapes, parameters and operations of the coarse-to-fine networks; one clip through each.

    python -m benchmarks.c2f_sizes

Operations are additions and multiplications of matrix products and convolutions for one clip of
eight frames. Times are processor time of one thread, one forward pass with random weights.
"""

from __future__ import annotations

import time
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from beholder.models.c2f import C2f, build
from beholder.models.c2f_sizes import SIZES
from beholder.models.tuning.apply import trained_parameters
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.c2f_sizes"
NUM_FRAMES = 8


def main() -> None:
    """Measure every size."""
    torch.set_num_threads(1)
    figures = {}
    for size in SIZES:
        figures[size] = measure(size)
        print(size, figures[size], flush=True)
    print(write_result("c2f_sizes", command=COMMAND, figures=figures))


@torch.no_grad()
def measure(size: str) -> dict[str, Any]:
    """Return what one size is and costs."""
    model = build(size, num_frames=NUM_FRAMES).eval()
    clip = torch.rand(1, *model.view_shape)
    began = time.process_time()
    quality = model(clip)
    seconds = time.process_time() - began
    # Shapes and operations need no numbers.
    model, clip = model.to("meta"), clip.to("meta")
    maps = model.spatial.stages(clip[0, :1])
    with FlopCounterMode(display=False) as counter:
        model(clip)
    return {
        "views": list(clip.shape),
        "maps": [list(part.shape[1:]) for part in maps],
        "tokens": list(model.spatial.fusion.tokens(maps).shape[1:]),
        "frame_features": SIZES[size].features,
        "parameters": parameters(model),
        "operations": int(counter.get_total_flops()),
        "seconds": round(seconds, 2),
        "quality": list(quality.shape),
    }


def parameters(model: C2f) -> dict[str, int]:
    """Count parameters by part."""
    parts: dict[str, nn.Module] = {
        "stages": model.spatial.stages,
        "fusion of stages": model.spatial.fusion,
        "fusion over time": model.temporal,
        "all": model,
    }
    return {name: trained_parameters(part) for name, part in parts.items()}


if __name__ == "__main__":
    main()
