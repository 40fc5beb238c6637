"""Runs a model's ONNX file on the CPU.

Axis letters: B batch, T frames, C channels, H height, W width.
"""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from beholder.errors import ModelError
from beholder.pool.session import open_session, runtime_errors
from beholder.scoring.onnx_card import EXPECTED, card_inside

if TYPE_CHECKING:
    import onnxruntime

INPUT_NAME = "views"
OUTPUT_NAME = "quality"


class OnnxBackend:
    """A network and its card; one instance may be used by several threads at once.

    Attributes:
        card: The facts about the model that travel inside its file.
        model_id: The card's name and the first 12 digits of the file's SHA-256.
    """

    def __init__(self, model: bytes) -> None:
        """Read the card, and begin to load the network on another thread.

        A file is thus opened and its first frames decoded while the network loads.

        Args:
            model: The bytes of an ONNX file with a card in its metadata.

        Raises:
            ModelError: Not an ONNX file, or without a card.
        """
        self.card = card_inside(model)
        executor = ThreadPoolExecutor(1, thread_name_prefix="load-network")
        self._session = executor.submit(_open_checked, model)
        executor.shutdown(wait=False)
        self.model_id = f"{self.card.name}@{hashlib.sha256(model).hexdigest()[:12]}"

    def load(self) -> None:
        """Wait until the network is loaded.

        Raises:
            ModelError: ONNX Runtime does not take it, or it has other inputs and outputs.
        """
        self._session.result()

    def run(self, views: np.ndarray) -> np.ndarray:
        """Judge a batch of views.

        Args:
            views: float32 [B, 3, H, W], normalised as the card's `view` says; for a network of
                clips [1, T, 3, H, W], the T frames of one.

        Returns:
            float32 [B], raw outputs, higher is better.

        Raises:
            ModelError: The network cannot be loaded, has other inputs and outputs, fails on views
                of this size, or gives no finite numbers.
        """
        session = self._session.result()
        try:
            (quality,) = session.run([OUTPUT_NAME], {INPUT_NAME: views})
        except runtime_errors() as error:
            raise ModelError(
                f"expected the model to accept views {list(views.shape)}, it failed: {error}; "
                "check size_multiple_px in its card and export it again"
            ) from error
        if quality.size != len(views) or not np.isfinite(quality).all():
            raise ModelError(
                f"expected {len(views)} finite numbers from the model, found {quality.ravel()!r}; "
                "export it again"
            )
        raw: np.ndarray = quality.reshape(len(views))
        return raw


def _open_checked(model: bytes) -> onnxruntime.InferenceSession:
    session = open_session(model, expected=EXPECTED)
    inputs = [port.name for port in session.get_inputs()]
    outputs = [port.name for port in session.get_outputs()]
    if inputs != [INPUT_NAME] or outputs != [OUTPUT_NAME]:
        raise ModelError(
            f"expected a network from {INPUT_NAME!r} to {OUTPUT_NAME!r}, found {inputs} to "
            f"{outputs}; see: beholder export --help"
        )
    return session
