"""The engines agree, with each other and with sums done by hand."""

import importlib.util
import math
import subprocess
import sys

import pytest
import torch

from beholder.backbones.selective_scan import ENGINES, ScanInputs, choose_engine, selective_scan
from beholder.backbones.selective_scan.two_level import _chunk_size
from beholder.errors import UnknownName, UsageError

OPTIONAL = ("D", "z", "delta_bias")


def make_inputs(shape, *, groups=1, optional=OPTIONAL, dtype=torch.float32, softplus=True):
    """Return seeded inputs for u of shape (batch, channels, tokens) and states."""
    batch, channels, length, states = shape
    generator = torch.Generator().manual_seed(channels + length)

    def draw(*size):
        return torch.randn(*size, generator=generator, dtype=torch.float64).to(dtype)

    extra = {"D": draw(channels), "delta_bias": draw(channels), "z": draw(batch, channels, length)}
    return ScanInputs(
        u=draw(batch, channels, length),
        delta=draw(batch, channels, length) / 4,
        A=-draw(channels, states).exp(),
        B=draw(batch, groups, states, length),
        C=draw(batch, groups, states, length),
        delta_softplus=softplus,
        **{name: extra[name] for name in optional},
    )


def run(inputs, engine):
    """Return y and the gradients of everything that floats."""
    names = [n for n in inputs.__dataclass_fields__ if isinstance(getattr(inputs, n), torch.Tensor)]
    leaves = {name: getattr(inputs, name).detach().clone().requires_grad_() for name in names}
    y = selective_scan(ScanInputs(**leaves, delta_softplus=inputs.delta_softplus), engine=engine)
    weights = torch.linspace(-1, 1, y.numel(), dtype=y.dtype).view_as(y)
    found = torch.autograd.grad((y * weights).sum(), list(leaves.values()))
    return {"y": y.detach(), **dict(zip(names, found, strict=True))}


SHAPES = [(2, 6, 49, 1), (1, 4, 37, 3), (2, 4, 1, 2), (1, 4, 2, 1), (1, 8, 13, 16)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("optional", [OPTIONAL, ()], ids=["all", "bare"])
def test_two_levels_are_the_loop(shape, optional):
    inputs = make_inputs(shape, groups=2, optional=optional, dtype=torch.float64)
    expected, found = run(inputs, "loop"), run(inputs, "two_level")
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-10, atol=1e-12, msg=name)


def test_two_tokens_by_hand():
    one = torch.ones(1, 1, 2)
    inputs = ScanInputs(
        u=torch.tensor([[[2.0, 3.0]]]),
        delta=one * 0.5,
        A=-torch.ones(1, 1),
        B=one,
        C=torch.tensor([[[1.0, 10.0]]]),
        D=torch.tensor([100.0]),
    )
    second = 10 * (math.exp(-0.5) * 1.0 + 1.5) + 300
    expected = torch.tensor([[[201.0, second]]])
    for engine in ("loop", "two_level"):
        torch.testing.assert_close(selective_scan(inputs, engine=engine), expected)


def test_gradients_are_true():
    inputs = make_inputs((1, 2, 7, 2), optional=(), dtype=torch.float64)
    leaves = [getattr(inputs, n).requires_grad_() for n in ("u", "delta", "A", "B", "C")]

    def function(u, delta, A, B, C):
        return selective_scan(ScanInputs(u=u, delta=delta, A=A, B=B, C=C), engine="two_level")

    assert torch.autograd.gradcheck(function, leaves)


def test_strong_decays_and_long_steps_stay_finite():
    inputs = make_inputs((1, 2, 300, 4), optional=())
    strong = ScanInputs(
        u=inputs.u, delta=inputs.delta.abs() * 100, A=inputs.A * 100, B=inputs.B, C=inputs.C
    )
    expected, found = run(strong, "loop"), run(strong, "two_level")
    for name, value in expected.items():
        assert torch.isfinite(found[name]).all()
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-3, msg=name)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_comes_back_but_states_are_float32(dtype):
    # 2,000 small steps: a state of 8 bits would stop growing.
    inputs = ScanInputs(
        u=torch.ones(1, 1, 2000, dtype=dtype),
        delta=torch.full((1, 1, 2000), 1 / 1024, dtype=dtype),
        A=torch.full((1, 1), -1 / 1024),
        B=torch.ones(1, 1, 2000, dtype=dtype),
        C=torch.ones(1, 1, 2000, dtype=dtype),
    )
    y = selective_scan(inputs)
    assert y.dtype == dtype
    assert float(y[0, 0, -1]) == pytest.approx(2000 / 1024, rel=0.01)


def test_grouped_values_of_any_strides_are_the_flat_ones():
    inputs = make_inputs((2, 6, 12, 2), groups=2, optional=("D", "delta_bias"))
    grouped = {
        name: getattr(inputs, name).unflatten(1, (2, 3)).mT.contiguous().mT
        for name in ("u", "delta")
    }
    others = {name: getattr(inputs, name) for name in ("A", "B", "C", "D", "delta_bias")}
    y = selective_scan(ScanInputs(**grouped, **others))
    flat = ScanInputs(u=inputs.u, delta=inputs.delta, **others)
    torch.testing.assert_close(y.flatten(1, 2), selective_scan(flat))


def test_chunks_divide_the_length_where_they_can():
    assert [_chunk_size(n) for n in (3136, 784, 196, 49, 1, 13)] == [56, 28, 14, 7, 1, 3]


def test_the_engine_is_chosen_by_place_and_use():
    assert choose_engine(torch.zeros(1)) == "two_level"
    assert set(ENGINES) == {"loop", "two_level", "triton", "onnx"}


def test_an_unknown_engine_is_refused():
    with pytest.raises(UnknownName, match="expected one of the scan engines loop, two_level"):
        selective_scan(make_inputs((1, 2, 3, 1)), engine="warp")


@pytest.mark.skipif(importlib.util.find_spec("triton") is not None, reason="triton is installed")
def test_without_triton_the_message_names_the_other_engine():
    with pytest.raises(UsageError, match="take the engine 'two_level'"):
        selective_scan(make_inputs((1, 2, 3, 1)), engine="triton")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"delta": torch.zeros(1, 2, 4)}, "u and delta of one shape"),
        ({"A": torch.zeros(3, 1)}, r"A of shape \[2, N\]"),
        ({"B": torch.zeros(1, 3, 1, 3)}, "divide 2 channels"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(changes, text):
    given = {
        "u": torch.zeros(1, 2, 3),
        "delta": torch.zeros(1, 2, 3),
        "A": torch.zeros(2, 1),
        "B": torch.zeros(1, 1, 1, 3),
        "C": torch.zeros(1, 1, 1, 3),
    }
    with pytest.raises(UsageError, match=text):
        ScanInputs(**{**given, **changes})


TRITON = """
import torch
from beholder.backbones.selective_scan import triton_engine
from tests.unit.backbones.test_selective_scan import make_inputs, run
# Two chunks and two blocks, the second ones not full; small, because the interpreter is slow.
triton_engine.CHUNK, triton_engine.BLOCK = 4, 4
inputs = make_inputs((2, 10, 7, 3), groups=2)
expected, found = run(inputs, "loop"), run(inputs, "triton")
for name, value in expected.items():
    torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-4, msg=name)
"""


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed")
def test_triton_kernels_are_the_loop_under_the_interpreter():
    # The interpreter is chosen when Triton is imported, hence a process of its own.
    done = subprocess.run(
        [sys.executable, "-c", TRITON],
        env={"TRITON_INTERPRET": "1", "PYTHONPATH": ":".join(["", *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
