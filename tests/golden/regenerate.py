"""Writes the golden scores again, on purpose, after a new embedded model.

    python -m tests.golden.regenerate

A file for each model in the package, `tests/golden/MODEL.json`, and the digits that `beholder
doctor` compares with,
`src/beholder/scoring/assets/golden.json`. The clip beside the latter is made only where it is
missing, because other versions of an encoder write other bytes.
"""

from __future__ import annotations

import json
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from beholder import Scorer
from beholder.cards import ASSETS, EMBEDDED
from beholder.ladders.encode import encode
from beholder.scoring.drawn import draw_clip
from beholder.scoring.self_test import CLIP, FPS, GOLDEN, measure_samples
from tests.golden.media import MEDIA


def main() -> None:
    """Score all media and write the figures with the versions that gave them."""
    if not CLIP.exists():
        encode(iter(draw_clip(36, 240, 320, seed=4)), CLIP, codec="x264", fps=FPS, crf=30)
    versions = {name: metadata.version(name) for name in ("numpy", "av", "onnxruntime")}
    for model in ASSETS:
        scorer = Scorer(model)
        facts = {"model": scorer.model_id, "versions": versions}
        _write(golden_file(model), {**facts, "scores": _score_media(scorer)})
        if model == EMBEDDED:
            _write(GOLDEN, {**facts, "samples": measure_samples(scorer)})


def golden_file(model: str) -> Path:
    """Return where the golden scores of a model are."""
    return Path(__file__).with_name(f"{model}.json")


def _score_media(scorer: Scorer) -> dict[str, Any]:
    scores = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, make in MEDIA.items():
            score = scorer.score(make(Path(folder) / "media"))
            timeline = [point.score for point in score.timeline]
            scores[name] = {"score": score.score, "timeline": timeline}
    return scores


def _write(path: Path, record: object) -> None:
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
