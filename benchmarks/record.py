"""How a benchmark leaves its result: one JSON file that says when, where and with what."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from beholder.cards import Result

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("beholder", "numpy", "scipy", "av", "onnxruntime")


def write_result(name: str, *, command: str, figures: Any, card: Sequence[Result] = ()) -> Path:
    """Write `results/NAME.json`.

    Args:
        name: Of the benchmark.
        command: What a reader types to repeat it, with words in capitals for their folders.
        figures: What was measured, as JSON can hold it.
        card: The part that `beholder export --results` puts into a model's card.

    Returns:
        The file.
    """
    result = {
        "benchmark": name,
        "command": command,
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": _commit(),
        "hardware": f"{os.cpu_count()} cores, {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **{package: metadata.version(package) for package in PACKAGES},
        },
        "figures": figures,
    }
    if card:
        result["card"] = [dataclasses.asdict(figure) for figure in card]
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return path


def _commit() -> str:
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "describe", "--always", "--dirty", "--abbrev=12"]
    folder = Path(__file__).parent
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
