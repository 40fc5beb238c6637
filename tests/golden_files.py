"""Numbers computed with the authors' own networks, in ../shared/golden; absent on most machines."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

FOLDER = Path(__file__).parents[2] / "shared" / "golden"
needs_golden = pytest.mark.skipif(
    not (FOLDER / "index.json").is_file(), reason="../shared/golden is not on this machine"
)


def load(name):
    """Return the tensors of a file and its entry in the index."""
    index = json.loads((FOLDER / "index.json").read_text(encoding="utf-8"))
    (entry,) = [each for each in index["fixtures"] if each["file"] == f"{name}.safetensors"]
    return load_file(FOLDER / f"{name}.safetensors"), entry


def part(tensors, prefix):
    """Return the tensors whose names start with a prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}


def agree(found, expected, entry):
    torch.testing.assert_close(found, expected, rtol=entry["rtol"], atol=entry["atol"])
