"""The embedded model beside classical blind methods: one table for each data set.

    python -m benchmarks.comparison PREDICTIONS --biq2021 ROOT --avt-ai ROOT --ladder ROOT

PREDICTIONS holds a folder for each set (`biq2021`, `avt_ai`, `ladder`) with a CSV file for each
method, as `python -m benchmarks.peers` writes them. This is `beholder evaluate` for each set: the
figures go to `results/evaluate_SET.json`, the tables into `docs/comparison.md`. Sets without a
root are left as they are.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

from beholder.app.judging import Judged, Request, judge_request
from beholder.reports.figures_table import to_json, to_markdown
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.comparison PREDICTIONS --biq2021 ROOT --avt-ai ROOT --ladder ROOT"
PAGE = Path(__file__).parent.parent / "docs" / "comparison.md"
SPLITS = {"biq2021": "test", "avt_ai": "all", "ladder": "all"}
VOTES = {"avt_ai": 25}
"""People who rated each item, from the paper of the set."""


def main() -> None:
    """Judge all models on each set and put the figures where they are read."""
    options = _parser().parse_args()
    for name in SPLITS:
        root = getattr(options, name)
        if root is not None:
            _compare(name, root, options.predictions / name, model=options.model)


def _compare(name: str, root: Path, folder: Path, *, model: str) -> None:
    judged = judge_request(
        Request(
            models=(model,),
            files=tuple(sorted(folder.glob("*.csv"))),
            dataset=name,
            data=root,
            split=SPLITS[name],
            by=None,
            mos_range=None,
            num_votes=VOTES.get(name),
            skip_missing=True,
            cache=None,
            jobs=1,
        )
    )
    figures = json.loads(to_json(judged.evaluation))
    print(write_result(f"evaluate_{name}", command=COMMAND, figures=figures))
    _put_table(name, judged)


def _put_table(name: str, judged: Judged) -> None:
    """Replace what stands between the marks of a set in the page."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    text = PAGE.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    table = f"{begin}\n{to_markdown(judged.evaluation)}{end}"
    PAGE.write_text(pattern.sub(lambda _: table, text), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("predictions", type=Path, help="folder with a folder for each set")
    parser.add_argument("--biq2021", type=Path, metavar="ROOT")
    parser.add_argument("--avt-ai", type=Path, metavar="ROOT")
    parser.add_argument("--ladder", type=Path, metavar="ROOT")
    parser.add_argument("--model", default="embedded", help="name or file of a model")
    return parser


if __name__ == "__main__":
    main()
