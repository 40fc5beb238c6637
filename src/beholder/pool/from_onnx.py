"""Any ONNX file with one input and features [batch, D] as its first output."""

from __future__ import annotations

import dataclasses
import hashlib
from importlib import metadata
from pathlib import Path
from typing import Literal

import numpy as np

from beholder.errors import ModelError
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.loaded import LoadedModel, finish
from beholder.pool.session import open_session, runtime_errors

_DEFAULT = InputSpec(fit="squash", size_px=224)
"""Of a file that is named without an entry: RGB in 0..1."""


def load(entry: PoolEntry) -> LoadedModel:
    """Load an ONNX file.

    Args:
        entry: `model` (or `weights`) is the file. Without `input`, size and type of the pixels
            are read from the file, and frames are squashed to it.

    Raises:
        ModelError: No such file, not ONNX, or other inputs and outputs than frames to features.
    """
    path = Path(entry.weights or entry.model)
    if not path.is_file():
        raise ModelError(
            f"expected the ONNX file of {entry.name!r} at {str(path)!r}, found none; "
            f"give it with --weights {entry.name}=FILE"
        )
    data = path.read_bytes()
    expected = f"an ONNX file at {str(path)!r}; export it again"
    session = open_session(data, expected=expected, keep_memory=False)
    ports = session.get_inputs()
    if len(ports) != 1:
        raise ModelError(
            f"expected one input in {str(path)!r}, found {[port.name for port in ports]}; "
            "export the network from frames to features"
        )
    spec = entry.input or _guess_spec(ports[0].type, ports[0].shape)
    port, output = ports[0].name, session.get_outputs()[0].name

    def run(inputs: np.ndarray) -> np.ndarray:
        try:
            found: np.ndarray = session.run([output], {port: inputs})[0]
        except runtime_errors() as error:
            raise ModelError(
                f"expected {entry.name!r} to accept {inputs.dtype} {list(inputs.shape)}, it "
                f"failed: {error}; correct the input in its entry"
            ) from error
        return found.astype(np.float32, copy=False)

    return finish(
        entry,
        spec,
        run,
        identity=hashlib.sha256(data).hexdigest(),
        versions={"onnxruntime": metadata.version("onnxruntime")},
    )


def _guess_spec(kind: str, shape: list[int | str | None]) -> InputSpec:
    sides = [side for side in shape[1:] if isinstance(side, int) and side > 3]
    size = sides[-1] if sides else _DEFAULT.size_px
    pixels: Literal["uint8", "float"] = "uint8" if "uint8" in kind else "float"
    return dataclasses.replace(_DEFAULT, size_px=size, pixels=pixels)
