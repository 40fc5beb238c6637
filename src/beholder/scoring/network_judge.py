"""What judges of frames and of clips share: one exported network and its card."""

from __future__ import annotations

from beholder.cards import ModelCard
from beholder.scoring.onnx_backend import OnnxBackend


class NetworkJudge:
    """One exported network."""

    def __init__(self, model: bytes) -> None:
        """Begin to load a network.

        Args:
            model: The bytes of an ONNX file with a card in its metadata.

        Raises:
            ModelError: The file is not one of Beholder's models.
        """
        self._backend = OnnxBackend(model)

    @property
    def card(self) -> ModelCard:
        """The facts about the model."""
        return self._backend.card

    @property
    def model_id(self) -> str:
        """The card's name and the first 12 digits of the file's SHA-256."""
        return self._backend.model_id

    def load(self) -> None:
        """Wait until the network is loaded; raises `ModelError` where it cannot be."""
        self._backend.load()
