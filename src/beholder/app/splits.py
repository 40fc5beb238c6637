"""`beholder datasets split` and `compare`: splits as files that others can repeat."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beholder.app.datasets import MosRange, Name
from beholder.app.sink import write_text

if TYPE_CHECKING:
    from beholder.evaluation.split_set import PartDifference, SplitSet

SplitFile = Annotated[Path, typer.Argument(metavar="FILE.json", help="A split file.")]


def split_dataset(
    name: Name,
    data: Annotated[Path, typer.Option("--data", help="Folder of the data set; a file for csv.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.json", help="The split file.")],
    repeats: Annotated[
        int, typer.Option("--repeats", metavar="N", min=1, max=1000, help="Parts to draw.")
    ] = 10,
    fraction: Annotated[
        float, typer.Option("--fraction", metavar="X", help="Share of the items to judge on.")
    ] = 0.2,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed, other parts.")] = 0,
    official: Annotated[
        bool, typer.Option("--official", help="Write the makers' own split and draw nothing.")
    ] = False,
    mos_range: MosRange = None,
) -> None:
    """Write the splits of a data set to a file: ten times 80/20, or the official split.

    Items that share a content stay on one side. Every machine draws the same from the same
    labels; the media need not be there. `beholder evaluate --split FILE.json` judges on the test
    side of each part and gives the median.

    \b
    Examples:
      beholder datasets split kadid10k --data /data/kadid10k --out kadid10k.json
      beholder datasets split koniq10k --data /data/koniq10k --out official.json --official
    """
    from beholder.app.entrants import name_rows
    from beholder.datasets.registry import read_labels
    from beholder.datasets.rows import check_unique
    from beholder.evaluation.protocols import holdout_splits, official_split
    from beholder.evaluation.split_set import write_splits

    labelled = read_labels(name, data, mos_range=mos_range)
    check_unique(labelled)
    rows = name_rows(labelled, data if data.is_dir() else data.parent)
    if official:
        splits = official_split(list(rows), [row.split for row in rows.values()], name=name)
    else:
        contents = [row.content_id for row in rows.values()]
        splits = holdout_splits(
            list(rows), contents, fraction=fraction, num_repeats=repeats, seed=seed, name=name
        )
    write_splits(out, splits)
    _write(_summary(splits, out))


def compare_split_files(first: SplitFile, second: SplitFile) -> None:
    """Say which items two split files put on different sides.

    Exit code 1 when they differ.
    """
    from beholder.evaluation.split_set import compare_splits, read_splits

    differences = compare_splits(read_splits(first), read_splits(second))
    _write("".join(map(_difference, differences)) or "The same items on the same sides.\n")
    if differences:
        raise typer.Exit(1)


def _summary(splits: SplitSet, out: Path) -> str:
    sizes = sorted({(len(part.train), len(part.test)) for part in splits.parts})
    low, high = sizes[0], sizes[-1]
    spread = "" if low == high else f" to {high[0]:,} and {high[1]:,}"
    parts = "1 part" if len(splits.parts) == 1 else f"{len(splits.parts)} parts"
    return f"{parts} in {out}: {low[0]:,} items to learn from and {low[1]:,} to judge on{spread}\n"


def _difference(found: PartDifference) -> str:
    return (
        f"{found.name}: judged on only in the first {_some(found.only_first)}, "
        f"only in the second {_some(found.only_second)}; learnt from only in the first "
        f"{_some(found.train_only_first)}, only in the second {_some(found.train_only_second)}\n"
    )


def _some(keys: tuple[str, ...]) -> str:
    from beholder.datasets.rows import name_some

    return f"{len(keys)} ({name_some(list(keys))})" if keys else "0"


def _write(text: str) -> None:
    write_text(sys.stdout.buffer, text)
