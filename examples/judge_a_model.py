"""Compare predictions with opinions.

    python examples/judge_a_model.py predictions.csv

The file has the columns `predicted` and `mos`, and optionally `content` (the scene of the item).
"""

import csv
import sys
from pathlib import Path

from beholder.evaluation.bootstrap import bootstrap_interval
from beholder.evaluation.correlation import krcc, plcc, rmse, srcc
from beholder.evaluation.logistic import fit_logistic
from beholder.evaluation.within import mean_within_group_srcc

with Path(sys.argv[1]).open(newline="") as file:
    rows = list(csv.DictReader(file))
predicted = [float(row["predicted"]) for row in rows]
mos = [float(row["mos"]) for row in rows]
fitted = fit_logistic(predicted, mos).curve(predicted)

figures = {
    "SRCC": (srcc, predicted),
    "KRCC": (krcc, predicted),
    "PLCC, fitted": (plcc, fitted),
    "RMSE, fitted": (rmse, fitted),
}
print(f"{len(rows)} items, 95 % bootstrap intervals")
for name, (figure, values) in figures.items():
    low, high = bootstrap_interval(figure, values, mos)
    print(f"{name:<13} {figure(values, mos):.3f} ({low:.3f} to {high:.3f})")
if "content" in rows[0]:
    within = mean_within_group_srcc(predicted, mos, [row["content"] for row in rows])
    print(f"{'SRCC, within':<13} {within:.3f}, mean over contents")
