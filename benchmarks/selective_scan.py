"""Speed of the selective scan on the CPU, and what it costs inside a whole network.

Processor time of one thread, the least of several repetitions: the two hardly change with what else
runs on the machine, and what is compared is run in turns. Only the plain loop is run backwards just
once: under autograd it is quadratic in the number of tokens.

    python -m benchmarks.selective_scan
"""

from __future__ import annotations

import functools
import math
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any
from unittest import mock

import torch
from torch import Tensor

from beholder.backbones import ss2d
from beholder.backbones.selective_scan import ScanInputs, selective_scan
from beholder.models.qmamba import build
from benchmarks.record import write_result

SHAPES = ((3136, 192), (784, 384), (196, 768))
"""Tokens, and channels of each of four directions: the first three stages of QMamba-T at 224 px."""
STATES = (1, 16)
SIDES_PX = (224, 448, 672, 1024)
COMMAND = "python -m benchmarks.selective_scan"


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    figures = {
        "clock": "processor seconds of one thread, least of several runs",
        # First, because a new process begins with the peak of the one that starts it.
        "peak_memory_mb": {engine: _peak(engine) for engine in ("none", "two_level")},
        "operator": [_operator(*shape, states=n) for n in STATES for shape in SHAPES],
        "qmamba_t": _network("qmamba_t"),
        "area": _area("qmamba_nano"),
    }
    print(write_result("selective_scan", command=COMMAND, figures=figures))


def _operator(length: int, channels: int, *, states: int) -> dict[str, Any]:
    inputs, leaves = _inputs(length, channels, states)
    forward = functools.partial(_forward, inputs)
    both = functools.partial(_forward_and_backward, inputs, leaves)
    runs = {
        "forward_seconds": functools.partial(forward, "two_level"),
        "forward_backward_seconds": functools.partial(both, "two_level"),
        "loop_forward_seconds": functools.partial(forward, "loop"),
    }
    found: dict[str, Any] = {"tokens": length, "channels": 4 * channels, "states": states}
    found |= _least(runs, repeats=4)
    slow = functools.partial(both, "loop")
    found |= _least({"loop_forward_backward_seconds": slow}, repeats=1)
    found["times_faster"] = (
        found["loop_forward_backward_seconds"] / found["forward_backward_seconds"]
    )
    print(found, flush=True)
    return found


def _inputs(length: int, channels: int, states: int) -> tuple[ScanInputs, list[Tensor]]:
    """Return inputs as the networks give them: tokens before channels in memory."""
    values, deltas = torch.randn(2, 1, 4, length, channels)
    matrices = torch.randn(2, 1, 4, length, states)
    leaves = [values, deltas, -torch.rand(4 * channels, states) * states, *matrices]
    leaves = [leaf.detach().requires_grad_() for leaf in leaves]
    u, delta, A, B, C = leaves
    bias = torch.full((4 * channels,), -4.0)
    inputs = ScanInputs(
        u=u.mT, delta=delta.mT, A=A, B=B.mT, C=C.mT, delta_bias=bias, delta_softplus=True
    )
    return inputs, leaves


def _forward(inputs: ScanInputs, engine: str) -> None:
    with torch.no_grad():
        selective_scan(inputs, engine=engine)


def _forward_and_backward(inputs: ScanInputs, leaves: list[Tensor], engine: str) -> None:
    torch.autograd.grad(selective_scan(inputs, engine=engine).sum(), leaves)


def _least(functions: dict[str, Callable[[], object]], *, repeats: int) -> dict[str, float]:
    """Run all in turns, so that what else the machine does meets all alike."""
    found = dict.fromkeys(functions, math.inf)
    for _ in range(repeats):
        for name, function in functions.items():
            started_at_seconds = time.process_time()
            function()
            found[name] = min(found[name], time.process_time() - started_at_seconds)
    return found


def _no_scan(inputs: ScanInputs, *, engine: str | None = None) -> Tensor:
    """Stand in the scan's place: as quick as can be, but every input still matters."""
    del engine
    return inputs.u + inputs.delta + inputs.B.mean() + inputs.C.mean() + inputs.A.mean()


def _network(name: str) -> dict[str, float]:
    model, picture = build(name).eval(), torch.randn(1, 3, 224, 224)

    def infer() -> None:
        with torch.no_grad():
            model(picture)

    def learn() -> None:
        model(picture).sum().backward()

    def without(function: Callable[[], None]) -> None:
        with mock.patch.object(ss2d, "selective_scan", _no_scan):
            function()

    runs = {"forward": infer, "training": learn}
    bare = {f"{name}_without_scan": functools.partial(without, f) for name, f in runs.items()}
    found = _least({**runs, **bare}, repeats=5)
    for kind in ("forward", "training"):
        found[f"{kind}_ratio"] = found[kind] / found[f"{kind}_without_scan"]
    print(found, flush=True)
    return found


def _area(name: str) -> list[dict[str, float]]:
    model, found = build(name).eval(), []
    for side_px in SIDES_PX:
        picture = torch.randn(1, 3, side_px, side_px)
        with torch.inference_mode():
            run = functools.partial(model, picture)
            seconds = _least({"seconds": run}, repeats=3)["seconds"]
        megapixels = side_px**2 / 1e6
        found.append(
            {
                "side_px": side_px,
                "seconds": seconds,
                "seconds_per_megapixel": seconds / megapixels,
            }
        )
    print(found, flush=True)
    return found


def _peak(engine: str) -> float:
    """Return the peak memory of a process that runs the largest operator, or none."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.selective_scan", "--peak", engine],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def _print_peak(engine: str) -> None:
    torch.set_num_threads(1)
    inputs, leaves = _inputs(*SHAPES[0], STATES[-1])
    if engine != "none":
        _forward_and_backward(inputs, leaves, engine)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--peak"]:
        _print_peak(sys.argv[2])
    else:
        main()
