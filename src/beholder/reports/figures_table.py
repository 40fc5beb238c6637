"""Figures of several models as a table, Markdown, CSV or JSON: the same numbers in each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from beholder.evaluation.contest import COVERAGE, WITHIN, Contest
from beholder.evaluation.figures import Figure
from beholder.reports.table import show_text, to_table

SCHEMA = 1

TITLES = {
    "srcc": "SRCC",
    "krcc": "KRCC",
    "plcc_raw": "PLCC raw",
    "rmse_raw": "RMSE raw",
    "plcc_fitted": "PLCC fitted",
    "rmse_fitted": "RMSE fitted",
    "outlier_ratio_2std": "outlier ratio (2 std)",
    "outlier_ratio_ci95": "outlier ratio (CI 95)",
    "auc_different_similar": "AUC different/similar",
    "auc_better_worse": "AUC better/worse",
    "correct_better_worse": "correct better/worse",
    WITHIN: "SRCC within content",
    COVERAGE: "in the 90 % interval",
}
"""Figures that a person reads, in their order; JSON and CSV hold the others too."""

_CSV_COLUMNS = ("group", "model", "figure", "value", "low", "high", "num_items", "reason")
LEVEL = 0.05
"""Corrected p values below it are marked."""

_ABSENT = "-"
_WORSE, _BEST = "*", "best"


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """Everything about one evaluation."""

    data: str
    """Data set, or `predictions with opinions`."""
    split: str
    """Part of it, `all` where every item counts."""
    scale: str
    """What stands for quality, and in which unit errors are."""
    models: Mapping[str, str]
    """Name in the table to what it is: a model's id, or the file of its predictions."""
    contests: Mapping[str, Contest]
    """By group; `all` comes first."""
    left_out: tuple[str, ...] = ()
    """What is not in the figures, and why: one sentence each."""


def to_text(evaluation: Evaluation) -> str:
    """Show an evaluation in a terminal, one block for each group."""
    blocks = [
        f"{_title(evaluation, group, contest)}\n{to_table(*_cells(contest), left=0)}"
        for group, contest in evaluation.contests.items()
    ]
    blocks += ["".join(f"{line}\n" for line in _legend(evaluation))]
    return "\n".join(blocks)


def to_markdown(evaluation: Evaluation) -> str:
    """Write an evaluation as Markdown, one table for each group."""
    blocks = []
    for group, contest in evaluation.contests.items():
        header, rows = _cells(contest)
        lines = [header, ["---"] * len(header), *rows]
        table = "".join(f"| {' | '.join(map(_escape, line))} |\n" for line in lines)
        blocks.append(f"**{_escape(_title(evaluation, group, contest))}**\n\n{table}")
    blocks.append("".join(f"- {_escape(line)}\n" for line in _legend(evaluation)))
    return "\n".join(blocks)


def to_csv(evaluation: Evaluation) -> str:
    """Write one line for each group, model and figure, with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for group, contest in evaluation.contests.items():
        for model, figures in contest.figures.items():
            for name, figure in figures.items():
                low, high = figure.interval or ("", "")
                value = "" if figure.value is None else figure.value
                writer.writerow(
                    (group, model, name, value, low, high, contest.num_items, figure.reason)
                )
    return text.getvalue()


def to_json(evaluation: Evaluation) -> str:
    """Write everything as one JSON object, which ends with a line feed."""
    document = {
        "schema": SCHEMA,
        "data": evaluation.data,
        "split": evaluation.split,
        "scale": evaluation.scale,
        "protocol": {
            "intervals": "95 % percentile bootstrap over items, 1000 resamples, seed 0; "
            f"{WITHIN} over contents",
            "fitted": "VQEG logistic with 4 parameters, fitted5 with 5, on the judged items",
            "significance": "paired bootstrap of SRCC over items, Holm's correction over pairs",
            "within_p_values": "paired bootstrap over contents against the best, Holm's correction",
        },
        "models": dict(evaluation.models),
        "groups": [_group(name, contest) for name, contest in evaluation.contests.items()],
        "left_out": list(evaluation.left_out),
    }
    return json.dumps(document, indent=2) + "\n"


def _group(name: str, contest: Contest) -> dict[str, Any]:
    group: dict[str, Any] = {
        "group": name,
        "num_items": contest.num_items,
        "num_contents": contest.num_contents,
        "best": contest.best(),
        "figures": {
            model: {figure: _figure(found) for figure, found in figures.items()}
            for model, figures in contest.figures.items()
        },
        "within_p_values": contest.within_p_values,
        "notes": list(contest.notes),
    }
    found = contest.significance
    if found is not None:
        group["significance"] = {
            "figure": found.figure,
            "models": list(found.names),
            "p_values": found.p_values.tolist(),
            "marks": [list(row) for row in found.marks],
        }
    return group


def _figure(figure: Figure) -> dict[str, Any]:
    interval = None if figure.interval is None else list(figure.interval)
    reason = {"reason": figure.reason} if figure.reason else {}
    return {"value": figure.value, "interval": interval, **reason}


def _cells(contest: Contest) -> tuple[list[str], list[list[str]]]:
    """Return a header with a column for each model, and a row for each figure."""
    models = list(contest.figures)
    shown = [
        name for name in TITLES if any(name in figures for figures in contest.figures.values())
    ]
    rows = []
    for name in shown:
        figures = (contest.figures[model].get(name) for model in models)
        rows.append([TITLES[name], *map(_cell, figures)])
        if name == "srcc" and contest.significance is not None:
            rows.append(["SRCC against the best", *(_mark(contest, model) for model in models)])
        if name == WITHIN and contest.within_p_values:
            marks = (_within_mark(contest, model) for model in models)
            rows.append(["within, against the best", *marks])
    return ["figure", *models], rows


def _cell(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return _ABSENT
    # Three digits for shares and correlations, fewer for errors in points.
    size = abs(figure.value)
    digits = 3 if size <= 1 else 2 if size < 10 else 1
    value = f"{figure.value:.{digits}f}"
    if figure.interval is None:
        return value
    low, high = figure.interval
    return f"{value} [{low:.{digits}f}, {high:.{digits}f}]"


def _mark(contest: Contest, model: str) -> str:
    found, best = contest.significance, contest.best()
    if found is None or model == best:
        return _BEST
    return _say(float(found.p_values[found.names.index(model), found.names.index(best)]))


def _within_mark(contest: Contest, model: str) -> str:
    if model == contest.best(WITHIN):
        return _BEST
    p_value = contest.within_p_values.get(model)
    return _ABSENT if p_value is None else _say(p_value)


def _say(p_value: float) -> str:
    sign = _WORSE if p_value < LEVEL else "="
    return f"{sign} p < 0.001" if p_value < 0.001 else f"{sign} p = {p_value:.3f}"


def _title(evaluation: Evaluation, group: str, contest: Contest) -> str:
    of_group = "" if group == "all" else f", {group}"
    contents = (
        "" if contest.num_contents == contest.num_items else f", {contest.num_contents} contents"
    )
    return show_text(
        f"{evaluation.data}, split {evaluation.split}{of_group}: "
        f"{contest.num_items} items{contents}"
    )


def _legend(evaluation: Evaluation) -> Iterator[str]:
    yield f"Scale: {evaluation.scale}. Brackets: 95 % bootstrap interval."
    yield (
        "Raw: as predicted; errors mean something only where predictions are on that scale. "
        "Fitted: after the VQEG logistic with 4 parameters, fitted on these items."
    )
    if len(evaluation.models) > 1:
        yield (
            f"{_WORSE} SRCC is lower than the best one (paired bootstrap over items, "
            f"Holm's correction, p < {LEVEL}); = no difference could be shown."
        )
    for name, what in evaluation.models.items():
        if name != what:
            yield show_text(f"{name}: {what}")
    notes = {note: None for contest in evaluation.contests.values() for note in contest.notes}
    yield from map(show_text, (*notes, *evaluation.left_out))


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")
