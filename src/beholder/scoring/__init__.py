"""From a path to a `Score`: the scorer, the ONNX backend, pooling and calibration."""

from beholder.scoring.scorer import Scorer
from beholder.scoring.weights import read_card

__all__ = ["Scorer", "read_card"]
