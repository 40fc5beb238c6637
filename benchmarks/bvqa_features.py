"""Does our referee give the published figures for features that others made.

    python -m benchmarks.bvqa_features FEATURES

FEATURES is a folder with `*_BRISQUE_feats.mat`, `*_VIDEVAL_feats.mat` and `*_metadata.csv` of
KoNViD-1k, LIVE-VQC and YouTube-UGC, as the repositories vztu/BVQA_Benchmark and vztu/VIDEVAL have
them. The protocol is theirs: an SVR with an RBF kernel learns from 80 % of the videos, its C and
gamma chosen on a fifth of those, and is judged on the other 20 %; medians over the repeats. What
differs is told in docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import time
from pathlib import Path
from typing import Any

import numpy as np

from beholder.errors import DataError
from beholder.evaluation.correlation import plcc, rmse, srcc
from beholder.evaluation.logistic import fit_logistic
from beholder.evaluation.protocols import holdout_splits, spread_of
from beholder.evaluation.split_set import Part, locate
from benchmarks.record import write_result

COMMAND = "python -m benchmarks.bvqa_features FEATURES --repeats {num_repeats}"

SETS = {
    "KONVID_1K": ("flickr_id", "mos"),
    "LIVE_VQC": ("File", "MOS"),
    "YOUTUBE_UGC": ("vid", "MOSFull"),
}
"""Data set to the columns of its metadata that hold the key of a video and its opinion."""

PUBLISHED = {
    ("KONVID_1K", "BRISQUE"): {"srcc": (0.6567, 0.0351), "plcc_fitted": (0.6576, 0.0342)},
    ("LIVE_VQC", "BRISQUE"): {"srcc": (0.5925, 0.0681), "plcc_fitted": (0.6380, 0.0632)},
    ("YOUTUBE_UGC", "BRISQUE"): {"srcc": (0.3820, 0.0519), "plcc_fitted": (0.3952, 0.0486)},
    ("KONVID_1K", "VIDEVAL"): {"srcc": (0.7832, 0.0216), "plcc_fitted": (0.7803, 0.0223)},
    ("LIVE_VQC", "VIDEVAL"): {"srcc": (0.7522, 0.0390), "plcc_fitted": (0.7514, 0.0420)},
    ("YOUTUBE_UGC", "VIDEVAL"): {"srcc": (0.7787, 0.0254), "plcc_fitted": (0.7733, 0.0257)},
}
"""Median and standard deviation over 100 splits: the tables of vztu/BVQA_Benchmark."""

C_GRID = 2.0 ** np.arange(1, 10, 2)
GAMMA_GRID = 2.0 ** np.arange(-8, 1, 2)
"""Every second step of the published grids, 2..1024 and 1/256..2: a quarter of the time."""


def main() -> None:
    """Judge both kinds of features on the three sets, print a line for each, write the result."""
    options = _parser().parse_args()
    rows = []
    for data_set, model in PUBLISHED:
        started_at_seconds = time.perf_counter()
        row = _judge(options.folder, data_set, model, num_repeats=options.repeats)
        rows.append(row)
        elapsed_seconds = time.perf_counter() - started_at_seconds
        print(data_set, model, row["figures"], f"{elapsed_seconds:.0f} s", flush=True)
    command = COMMAND.format(num_repeats=options.repeats)
    if not options.dry_run:
        print(write_result("bvqa_features", command=command, figures=rows))


def _judge(folder: Path, data_set: str, model: str, *, num_repeats: int) -> dict[str, Any]:
    keys, features, mos = read_set(folder, data_set, model)
    splits = holdout_splits(keys, keys, num_repeats=num_repeats)
    values: dict[str, list[float]] = {"srcc": [], "plcc_fitted": []}
    not_converged = 0
    for part in splits.parts:
        predicted, opinions = _learn(part, keys, features, mos)
        values["srcc"].append(srcc(predicted, opinions))
        try:
            curve = fit_logistic(predicted, opinions).curve(predicted)
            values["plcc_fitted"].append(plcc(curve, opinions))
        except DataError:
            not_converged += 1
    figures = {
        name: _beside_published(found, PUBLISHED[data_set, model][name])
        for name, found in values.items()
    }
    return {
        "data_set": data_set,
        "model": model,
        "num_items": len(keys),
        "num_repeats": num_repeats,
        "fits_not_converged": not_converged,
        "rows_not_finite": int(np.count_nonzero(~np.isfinite(features).all(axis=1))),
        "figures": figures,
    }


def read_set(folder: Path, data_set: str, model: str) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Read keys, features [items, D] (some not finite) and opinions on the set's own scale."""
    from scipy.io import loadmat

    key_column, mos_column = SETS[data_set]
    with (folder / f"{data_set}_metadata.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    features = loadmat(folder / f"{data_set}_{model}_feats.mat")["feats_mat"].astype(np.float64)
    if len(features) != len(rows):
        raise DataError(
            f"expected a row of features for each of {len(rows)} videos of {data_set}, found "
            f"{len(features)}; take both files from the same repository"
        )
    mos = np.array([float(row[mos_column]) for row in rows])
    return [row[key_column] for row in rows], features, mos


def _learn(
    part: Part, keys: list[str], features: np.ndarray, mos: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and opinions of the test items."""
    train, test = locate(part, keys)
    train_keys = [keys[index] for index in train]
    inner = holdout_splits(train_keys, train_keys, num_repeats=1, seed=1).parts[0]
    learn, choose = locate(inner, keys)
    settings = [(float(c), float(gamma)) for c in C_GRID for gamma in GAMMA_GRID]
    errors = [
        rmse(_predict(features, mos, learn=learn, judge=choose, setting=setting), mos[choose])
        for setting in settings
    ]
    best = settings[int(np.argmin(errors))]
    return _predict(features, mos, learn=train, judge=test, setting=best), mos[test]


def _predict(
    features: np.ndarray,
    mos: np.ndarray,
    *,
    learn: np.ndarray,
    judge: np.ndarray,
    setting: tuple[float, float],
) -> np.ndarray:
    from sklearn.svm import SVR

    known = np.where(np.isfinite(features), features, np.nan)
    # Filled and scaled by the part that is learnt from, so nothing of the other part leaks in.
    known = np.where(np.isnan(known), np.nanmean(known[learn], axis=0), known)
    low, high = known[learn].min(axis=0), known[learn].max(axis=0)
    scaled = (known - low) / np.where(high > low, high - low, 1.0)
    c, gamma = setting
    return SVR(kernel="rbf", C=c, gamma=gamma).fit(scaled[learn], mos[learn]).predict(scaled[judge])


def _beside_published(values: list[float], published: tuple[float, float]) -> dict[str, Any]:
    spread = {
        name: round(value, 4) for name, value in dataclasses.asdict(spread_of(values)).items()
    }
    median, std = published
    return {
        **spread,
        "published_median": median,
        "published_std": std,
        "difference_in_std": round((spread["median"] - median) / std, 2),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="features and metadata of the three sets")
    parser.add_argument("--repeats", type=int, default=20, help="80/20 splits (default 20)")
    parser.add_argument("--dry-run", action="store_true", help="print only; writes no result")
    return parser


if __name__ == "__main__":
    main()
