"""How well scores agree with people: BIQ2021's test part, whole, clean and by subset.

    python -m benchmarks.accuracy_biq2021 BIQ2021 --groups GROUPS.csv

"Clean" are the test images without a near copy in the training part; GROUPS.csv holds the columns
`file` and `group`. Every image goes the way of `beholder score`. The test part is for reporting;
choose nothing on it (`--split train` is there for that).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from beholder import Scorer
from beholder.cards import Result
from beholder.datasets import biq2021
from beholder.datasets.groups import read_groups
from beholder.datasets.rows import Row, with_groups
from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import krcc, plcc, rmse, srcc
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.accuracy_biq2021 BIQ2021 --groups GROUPS.csv"
FIGURES = {"srcc": srcc, "krcc": krcc, "plcc_raw": plcc, "rmse_raw": rmse}


def main() -> None:
    """Score the chosen part, print a line for each set of images, and write the result."""
    options = _parser().parse_args()
    rows = biq2021.read(options.root)
    if options.groups is not None:
        rows = with_groups(rows, read_groups(options.groups))
    part = [row for row in rows if row.split == options.split][: options.limit]
    other = {row.content_id for row in rows if row.split != options.split}
    scorer = Scorer(options.model)
    scores = [scorer.score(row.path) for row in part]
    predicted = np.array([score.score for score in scores])
    mos = 100 * np.array([row.mos for row in part])
    ends = np.array([score.interval for score in scores])
    inside = (ends[:, 0] <= mos) & (mos <= ends[:, 1])
    figures = {
        name: _figures(predicted[mask], mos[mask], inside[mask])
        for name, mask in _sets(part, other, with_clean=options.groups is not None)
    }
    for name, found in figures.items():
        print(name, found)
    if options.limit is None:
        result = {"model": scores[0].model, "split": options.split, "sets": figures}
        name, card = f"accuracy_biq2021_{options.split}", _card(figures, options.split)
        print(write_result(name, command=COMMAND, figures=result, card=card))


def _card(figures: dict[str, Any], split: str) -> list[Result]:
    """Choose what a model's card tells: rank, line and coverage, over all and over clean images."""
    return [
        Result(
            figure=figure,
            value=found[figure]["value"],
            interval=found[figure]["interval"],
            data=f"BIQ2021 official {split}, {name}",
            num_items=found["num_items"],
            command=COMMAND,
        )
        for name, found in figures.items()
        if name in ("all", "clean")
        for figure in ("srcc", "plcc_raw", "rmse_raw", "coverage")
    ]


def _sets(
    part: list[Row], other: set[str], *, with_clean: bool
) -> Iterable[tuple[str, np.ndarray]]:
    subset = np.array([row.subset for row in part])
    clean = np.array([row.content_id not in other for row in part])
    yield "all", np.ones(len(part), dtype=bool)
    for name in biq2021.SUBSETS:
        yield name, subset == name
    if with_clean:
        yield "clean", clean
        for name in biq2021.SUBSETS:
            yield f"clean {name}", clean & (subset == name)


def _figures(predicted: np.ndarray, mos: np.ndarray, inside: np.ndarray) -> dict[str, Any]:
    found: dict[str, Any] = {"num_items": len(mos)}
    for name, figure in FIGURES.items():
        low, high = bootstrap_interval(figure, predicted, mos)
        found[name] = {"value": round(figure(predicted, mos), 4), "interval": _rounded(low, high)}
    low, high = bootstrap_interval(np.mean, inside)
    found["coverage"] = {"value": round(float(inside.mean()), 4), "interval": _rounded(low, high)}
    return found


def _rounded(low: float, high: float) -> tuple[float, float]:
    return round(low, 4), round(high, 4)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("root", type=Path, help="folder of BIQ2021 as distributed")
    parser.add_argument("--groups", type=Path, help="CSV file with the columns file and group")
    parser.add_argument("--split", choices=["train", "test"], default="test")
    parser.add_argument("--model", default="embedded", help="name or file of a model")
    parser.add_argument("--limit", type=int, help="first so many images; writes no result")
    return parser


if __name__ == "__main__":
    main()
