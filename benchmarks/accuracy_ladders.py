"""Do scores rise with the bitrate: rank correlation with VMAF inside each content.

    python -m benchmarks.accuracy_ladders LADDERS

LADDERS is a folder made by `beholder ladder make`, of contents that the model never saw. Each
encoded clip goes the way of `beholder score`; the source itself is not counted as a rung.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from beholder import Scorer
from beholder.cards import Result
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.within import within_group_srcc
from beholder.ladders.manifest import SOURCE, Rung, read_manifest
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.accuracy_ladders LADDERS"


def main() -> None:
    """Score every rung, print a line for each codec and for all, and write the result."""
    options = _parser().parse_args()
    rungs = read_manifest(options.folder, need_vmaf=True)
    rungs = [rung for rung in rungs if rung.codec != SOURCE]
    if options.limit is not None:
        contents = list(dict.fromkeys(rung.content_id for rung in rungs))[: options.limit]
        rungs = [rung for rung in rungs if rung.content_id in contents]
    scorer = Scorer(options.model)
    scores = [scorer.score(options.folder / rung.path) for rung in rungs]
    predicted = np.array([score.score for score in scores])
    figures = {}
    for codec in [*dict.fromkeys(rung.codec for rung in rungs), "all"]:
        mask = np.array([codec in ("all", rung.codec) for rung in rungs])
        chosen = [rung for rung, taken in zip(rungs, mask, strict=True) if taken]
        figures[codec] = _figures(predicted[mask], chosen)
        print(codec, {name: figures[codec][name] for name in ("num_contents", "srcc", "interval")})
    if options.limit is None:
        result = {"model": scores[0].model, "codecs": figures}
        card = [_card(figures["all"])]
        print(write_result("accuracy_ladders", command=COMMAND, figures=result, card=card))


def _card(found: dict[str, Any]) -> Result:
    """Return what a model's card tells."""
    return Result(
        figure="srcc",
        value=found["srcc"],
        interval=found["interval"],
        data="compression ladders against VMAF, mean within content",
        num_items=found["num_contents"],
        command=COMMAND,
    )


def _figures(predicted: np.ndarray, rungs: list[Rung]) -> dict[str, Any]:
    vmaf = [rung.vmaf_mean for rung in rungs]
    by_content = within_group_srcc(predicted, vmaf, [rung.content_id for rung in rungs])
    values = list(by_content.values())
    # Contents are drawn, not rungs: the rungs of one content are no independent items.
    low, high = bootstrap_interval(np.mean, values)
    return {
        "num_contents": len(values),
        "num_clips": len(rungs),
        "srcc": round(float(np.mean(values)), 4),
        "interval": (round(low, 4), round(high, 4)),
        "worst_content": round(min(values), 4),
        "by_content": {content: round(value, 4) for content, value in by_content.items()},
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="ladder folder with its manifest")
    parser.add_argument("--model", default="embedded", help="name or file of a model")
    parser.add_argument("--limit", type=int, help="first so many contents; writes no result")
    return parser


if __name__ == "__main__":
    main()
