"""Opens ONNX files in the one way that repeats its digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from beholder.errors import ModelError

if TYPE_CHECKING:
    import onnxruntime

# The same on every machine and for every `--jobs`: how a runtime splits its work over threads can
# move the last digit of a result.
THREADS = 2


def open_session(
    model: bytes, *, expected: str, keep_memory: bool = True
) -> onnxruntime.InferenceSession:
    """Load a network on the CPU.

    Args:
        model: The bytes of an ONNX file.
        expected: What it should have been and what to do otherwise, for the error text.
        keep_memory: Whether it holds on to what a run needed. Many networks in one process had
            better give it back: each would keep hundreds of megabytes.

    Raises:
        ModelError: ONNX Runtime does not take it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.enable_cpu_mem_arena = keep_memory
    options.enable_mem_pattern = keep_memory
    options.log_severity_level = 4
    # Idle threads that spin would take the cores from the decoder.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except runtime_errors() as error:
        wanted, _, advice = expected.partition("; ")
        raise ModelError(
            f"expected {wanted}, the file cannot be loaded: {error}; {advice}"
        ) from error


def runtime_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions of ONNX Runtime, which share no base class but Exception."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NoModel,
        state.NotImplemented,
        state.RuntimeException,
    )
