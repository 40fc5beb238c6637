"""Writes the golden scores again, on purpose, after a new embedded model.

    python -m tests.golden.regenerate

Two files: `tests/golden/scores.json`, and the digits that `beholder doctor` compares with,
`src/beholder/scoring/assets/golden.json`. The clip beside the latter is made only where it is
missing, because other versions of an encoder write other bytes.
"""

from __future__ import annotations

import json
import tempfile
from importlib import metadata
from pathlib import Path

from beholder import Scorer
from beholder.ladders.encode import encode
from beholder.scoring.drawn import draw_clip
from beholder.scoring.self_test import CLIP, FPS, GOLDEN, measure_samples
from tests.golden.media import MEDIA

SCORES = Path(__file__).parent / "scores.json"


def main() -> None:
    """Score all media and write the figures with the versions that gave them."""
    scorer = Scorer()
    if not CLIP.exists():
        encode(iter(draw_clip(36, 240, 320, seed=4)), CLIP, codec="x264", fps=FPS, crf=30)
    scores = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in MEDIA.items():
            score = scorer.score(make(Path(folder) / "media"))
            timeline = [point.score for point in score.timeline]
            scores[name] = {"score": score.score, "timeline": timeline}
    versions = {name: metadata.version(name) for name in ("numpy", "av", "onnxruntime")}
    facts = {"model": scorer.model_id, "versions": versions}
    _write(SCORES, {**facts, "scores": scores})
    _write(GOLDEN, {**facts, "samples": measure_samples(scorer)})


def _write(path: Path, record: object) -> None:
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
