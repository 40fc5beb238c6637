"""Runs a model's ONNX file on the CPU.

Axis letters: B batch, C channels, H height, W width.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from beholder.cards import METADATA_KEY, ModelCard
from beholder.errors import ModelError
from beholder.pool.session import open_session, runtime_errors

if TYPE_CHECKING:
    import onnxruntime

INPUT_NAME = "views"
OUTPUT_NAME = "quality"
_EXPECTED = "an ONNX file that Beholder exported; see: beholder export --help"


class OnnxBackend:
    """A network and its card; one instance may be used by several threads at once.

    Attributes:
        card: The facts about the model that travel inside its file.
        model_id: The card's name and the first 12 digits of the file's SHA-256.
    """

    def __init__(self, model: bytes) -> None:
        """Load a network.

        Args:
            model: The bytes of an ONNX file with a card in its metadata.

        Raises:
            ModelError: Not an ONNX file, without a card, or with other inputs and outputs.
        """
        self._session = open_session(model, expected=_EXPECTED)
        _check_ports(self._session)
        self.card = _read_card(self._session)
        self.model_id = f"{self.card.name}@{hashlib.sha256(model).hexdigest()[:12]}"

    def run(self, views: np.ndarray) -> np.ndarray:
        """Judge a batch of views.

        Args:
            views: float32 [B, 3, H, W], normalised as the card's `view` says.

        Returns:
            float32 [B], raw outputs, higher is better.

        Raises:
            ModelError: The network fails on views of this size, or gives no finite numbers.
        """
        try:
            (quality,) = self._session.run([OUTPUT_NAME], {INPUT_NAME: views})
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


def _check_ports(session: onnxruntime.InferenceSession) -> None:
    inputs = [port.name for port in session.get_inputs()]
    outputs = [port.name for port in session.get_outputs()]
    if inputs != [INPUT_NAME] or outputs != [OUTPUT_NAME]:
        raise ModelError(
            f"expected a network from {INPUT_NAME!r} to {OUTPUT_NAME!r}, found {inputs} to "
            f"{outputs}; see: beholder export --help"
        )


def _read_card(session: onnxruntime.InferenceSession) -> ModelCard:
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise ModelError(
            f"expected a model card under {METADATA_KEY!r} in the file's metadata, found none; "
            "see: beholder export --help"
        )
    return ModelCard.from_json(text)
