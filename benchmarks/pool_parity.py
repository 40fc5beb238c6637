"""Features that `beholder pool extract` made beside those that others made of the same files.

    python -m benchmarks.pool_parity FEATURES REFERENCE --data DATA

FEATURES may still be growing: only finished lines are compared. Pictures that their file asks to
turn are compared apart, because the reference shows them lying on their side.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from beholder.media import probe
from beholder.pool.store import open_array, open_features, read_index
from benchmarks.record import write_result


def main() -> None:
    """Compare every model of both folders, print and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("features", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    options = parser.parse_args()
    reference = open_features(options.reference)
    rows, _ = read_index(options.features)
    lines = {row.path.name: line for line, row in enumerate(rows)}
    both = [(n, lines[r.path.name]) for n, r in enumerate(reference.rows) if r.path.name in lines]
    figures: dict[str, Any] = {}
    turned: dict[int, bool] = {}
    for name in reference.names:
        path = options.features / f"{name}.npy"
        if not path.is_file():
            continue
        ours = open_array(path, num_items=len(rows))
        done = [(n, line) for n, line in both if not np.isnan(ours[line]).any()]
        for _, line in done:
            if line not in turned:
                turned[line] = is_turned(options.data / rows[line].path)
        theirs = reference.features(name)
        upright = [pair for pair in done if not turned[pair[1]]]
        lying = [pair for pair in done if turned[pair[1]]]
        figures[name] = {
            "upright": compare(ours, theirs, upright),
            "turned": compare(ours, theirs, lying),
        }
        print(name, figures[name])
    command = "python -m benchmarks.pool_parity FEATURES REFERENCE --data DATA"
    print(write_result("pool_parity", command=command, figures=figures))


def is_turned(path: Path) -> bool:
    """Say whether a file asks for its picture to be turned or flipped."""
    info = probe(path)
    return bool(info.rotation_degrees or info.mirrored)


def compare(ours: np.ndarray, theirs: np.ndarray, pairs: list[tuple[int, int]]) -> dict[str, float]:
    """Return differences of the items (line of theirs, line of ours), and their cosines."""
    if not pairs:
        return {"num_items": 0}
    first = np.stack([theirs[n] for n, _ in pairs])
    second = np.stack([ours[line] for _, line in pairs]).astype(np.float32)
    cosines = (first * second).sum(1)
    cosines /= np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    apart = np.abs(first - second)
    return {
        "num_items": len(pairs),
        "mean_size": round(float(np.abs(first).mean()), 4),
        "mean_difference": round(float(apart.mean()), 5),
        "max_difference": round(float(apart.max()), 4),
        "median_cosine": round(float(np.median(cosines)), 6),
        "min_cosine": round(float(cosines.min()), 5),
    }


if __name__ == "__main__":
    main()
