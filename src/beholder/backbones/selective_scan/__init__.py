"""The selective scan of Mamba: one operator with one meaning, several engines that agree.

Gu and Dao, *Mamba: Linear-Time Sequence Modeling with Selective State Spaces*, 2023, equation 2,
with the discretisation of their code: A exactly, B by Euler's rule.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from beholder.backbones.selective_scan import loop, onnx_form, two_level
from beholder.backbones.selective_scan.inputs import Recurrence, ScanInputs, to_recurrence
from beholder.errors import UnknownName, UsageError

__all__ = ["ENGINES", "ScanInputs", "choose_engine", "selective_scan"]


def selective_scan(inputs: ScanInputs, *, engine: str | None = None) -> Tensor:
    """Run h_t = exp(Δ_t A) h_{t-1} + Δ_t B_t u_t from h = 0 and return y_t = Σ_n C_t h_t + D u_t.

    Args:
        inputs: The tensors; Δ is `delta`, with bias and softplus where asked.
        engine: A name of `ENGINES`; None lets `choose_engine` decide.

    Returns:
        y, laid out and typed as `inputs.u`, times silu(z) where there is a gate.

    Raises:
        UnknownName: No engine of that name.
        UsageError: The engine cannot run here.
    """
    name = engine or choose_engine(inputs.u)
    if name not in ENGINES:
        raise UnknownName(f"expected one of the scan engines {', '.join(ENGINES)}, found {name!r}")
    u = inputs.u if inputs.u.dtype == torch.float64 else inputs.u.float()
    y = ENGINES[name](to_recurrence(inputs)).transpose(2, 3)
    y = y.reshape(u.shape) if y.shape != u.shape else y
    if inputs.D is not None:
        y = torch.addcmul(y, u, inputs.D.to(u.dtype).reshape(*u.shape[1:-1], 1))
    if inputs.z is not None:
        y = y * functional.silu(inputs.z.to(u.dtype))
    return y.to(inputs.u.dtype)


def choose_engine(u: Tensor) -> str:
    """Return the engine for a tensor: by what runs (export or not) and where it lies."""
    if torch.compiler.is_exporting():
        return "onnx"
    if u.is_cuda and importlib.util.find_spec("triton") is not None:
        return "triton"
    return "two_level"


def _triton(recurrence: Recurrence) -> Tensor:
    try:
        from beholder.backbones.selective_scan import triton_engine
    except ModuleNotFoundError as error:
        raise UsageError(
            "expected the package triton for the scan engine 'triton', found none; it comes with "
            "PyTorch for CUDA; everywhere else take the engine 'two_level'"
        ) from error
    return triton_engine.scan(recurrence)


ENGINES: dict[str, Callable[[Recurrence], Tensor]] = {
    "loop": loop.scan,
    "two_level": two_level.scan,
    "triton": _triton,
    "onnx": onnx_form.scan,
}
"""`loop`: reference. `two_level`: any device. `triton`: CUDA. `onnx`: leaves as one ONNX Scan."""
