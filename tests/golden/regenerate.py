"""Writes the golden scores again, on purpose, after a new embedded model.

python -m tests.golden.regenerate
"""

from __future__ import annotations

import json
import tempfile
from importlib import metadata
from pathlib import Path

from beholder import Scorer
from tests.golden.media import MEDIA

SCORES = Path(__file__).parent / "scores.json"


def main() -> None:
    """Score all media and write the figures with the versions that gave them."""
    scorer = Scorer()
    scores = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in MEDIA.items():
            score = scorer.score(make(Path(folder) / "media"))
            timeline = [point.score for point in score.timeline]
            scores[name] = {"score": score.score, "timeline": timeline}
    versions = {name: metadata.version(name) for name in ("numpy", "av", "onnxruntime")}
    record = {"model": scorer.model_id, "versions": versions, "scores": scores}
    SCORES.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
