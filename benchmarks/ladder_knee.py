"""How sure is a score difference within a content, and what does stopping at the knee cost.

    python -m benchmarks.ladder_knee VAL TEST

VAL and TEST are folders made by `beholder ladder make`. `floor` is what the model's scores differ
by where VMAF says that two codecs look alike; it is chosen on VAL and stands in
`beholder.evaluation.knee`. The knees are then found on both, and VMAF says what they cost.
"""

from __future__ import annotations

import argparse
import math
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from beholder import Score, Scorer
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.knee import FLOOR_POINTS, LEVEL, find_knee
from beholder.ladders.manifest import SOURCE, Rung, read_manifest
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.ladder_knee VAL TEST"
# Where knees lie. VMAF itself is saturated above and of no interest below.
VMAF_GRID = np.arange(70.0, 96.0, 5.0)

Ladder = list[tuple[Rung, Score]]


def main() -> None:
    """Measure floor and knees of each folder, print them, and write the result."""
    options = _parser().parse_args()
    scorer = Scorer(options.model)
    figures: dict[str, Any] = {"model": scorer.model_id, "floor_in_use": FLOOR_POINTS}
    for folder in options.folders:
        ladders = _score(folder, scorer, options.limit)
        figures[folder.name] = {
            "num_contents": len({content for content, _ in ladders}),
            "floor": _floor(ladders),
            "knees": {
                name: _knees(ladders, floor)
                for name, floor in (
                    ("in_use", FLOOR_POINTS),
                    ("frames_alone", 0.0),
                    ("interval_of_a_score", scorer.card.calibration.half_width),
                )
            },
        }
        print(folder.name, figures[folder.name])
    if options.limit is None:
        print(write_result("ladder_knee", command=COMMAND, figures=figures))


def _score(folder: Path, scorer: Scorer, limit: int | None) -> dict[tuple[str, str], Ladder]:
    """Return the scored rungs of each content and codec."""
    rungs = [rung for rung in read_manifest(folder, need_vmaf=True) if rung.codec != SOURCE]
    contents = list(dict.fromkeys(rung.content_id for rung in rungs))[:limit]
    ladders: dict[tuple[str, str], Ladder] = {}
    for rung in rungs:
        if rung.content_id in contents:
            found = scorer.score(folder / rung.path)
            ladders.setdefault((rung.content_id, rung.codec), []).append((rung, found))
    return ladders


def _floor(ladders: dict[tuple[str, str], Ladder]) -> dict[str, Any]:
    """Measure how far scores of two codecs differ at the same VMAF of the same content.

    Each codec's share is the difference over the root of two, as both are blurred alike.
    """
    by_content: dict[str, list[Ladder]] = {}
    for (content, _), ladder in ladders.items():
        by_content.setdefault(content, []).append(ladder)
    differences = [
        [
            abs(first - second)
            for vmaf in VMAF_GRID
            for first, second in combinations(_scores_at(curves, vmaf), 2)
        ]
        for curves in by_content.values()
    ]
    # Contents are drawn, not pairs: the pairs of one content are no independent items.
    used = [values for values in differences if values]

    def quantile(drawn: np.ndarray) -> float:
        pooled = np.concatenate([used[index] for index in drawn])
        return float(np.quantile(pooled, LEVEL)) / math.sqrt(2)

    low, high = bootstrap_interval(quantile, np.arange(len(used)))
    return {
        "points": round(quantile(np.arange(len(used))), 3),
        "interval": (round(low, 3), round(high, 3)),
        "num_pairs": sum(map(len, used)),
        "num_contents": len(used),
    }


def _scores_at(curves: list[Ladder], vmaf: float) -> list[float]:
    """Interpolate each codec's score at a VMAF that lies between its rungs."""
    scores = []
    for ladder in curves:
        points = sorted((rung.vmaf_mean, score.score) for rung, score in ladder)
        seen, judged = zip(*points, strict=True)
        if seen[0] <= vmaf <= seen[-1]:
            scores.append(float(np.interp(vmaf, seen, judged)))
    return scores


def _knees(ladders: dict[tuple[str, str], Ladder], floor: float) -> dict[str, Any]:
    """Find the knee of each content and codec; tell VMAF lost and rate saved there."""
    by_content: dict[str, list[tuple[float, float, float]]] = {}
    for (content, _), ladder in ladders.items():
        rungs, scores = zip(*ladder, strict=True)
        knee = rungs[find_knee([r.bitrate_kbps for r in rungs], scores, floor=floor).place]
        best = rungs[int(np.argmax([score.score for score in scores]))]
        by_content.setdefault(content, []).append(
            (best.vmaf_mean - knee.vmaf_mean, knee.vmaf_mean, knee.bitrate_kbps / best.bitrate_kbps)
        )
    every = np.array([row for rows in by_content.values() for row in rows])
    means = [float(np.mean([row[0] for row in rows])) for rows in by_content.values()]
    low, high = bootstrap_interval(np.mean, means)
    return {
        "floor": floor,
        "num_knees": len(every),
        "vmaf_loss_mean": round(float(every[:, 0].mean()), 2),
        "vmaf_loss_interval": (round(low, 2), round(high, 2)),
        "vmaf_loss_median": round(float(np.median(every[:, 0])), 2),
        "vmaf_loss_90_percent": round(float(np.quantile(every[:, 0], 0.9)), 2),
        "vmaf_loss_worst": round(float(every[:, 0].max()), 2),
        "vmaf_at_knee_median": round(float(np.median(every[:, 1])), 2),
        "rate_over_best_median": round(float(np.median(every[:, 2])), 3),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+", help="ladder folders")
    parser.add_argument("--model", default="embedded", help="name or file of a model")
    parser.add_argument("--limit", type=int, help="first so many contents; writes no result")
    return parser


if __name__ == "__main__":
    main()
