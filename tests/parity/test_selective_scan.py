"""The engines for training against the authors' selective_scan_ref, forward and gradients."""

import pytest
import torch

from beholder.backbones.selective_scan import ScanInputs, selective_scan
from tests.golden_files import FOLDER, agree, load, needs_golden, part

pytestmark = [pytest.mark.shared, needs_golden]

GRADIENTS = {"rtol": 1e-3, "atol": 1e-4}


def _cases():
    return load("selective_scan_ref")[1]["cases"] if FOLDER.is_dir() else {}


@pytest.mark.parametrize("engine", ["loop", "two_level"])
@pytest.mark.parametrize("name", list(_cases()))
def test_outputs_and_gradients_are_the_authors(name, engine):
    tensors, entry = load("selective_scan_ref")
    case = part(tensors, f"{name}/")
    given = {key: value.requires_grad_() for key, value in part(case, "in.").items()}
    softplus = entry["cases"][name]["delta_softplus"]
    y = selective_scan(ScanInputs(**given, delta_softplus=softplus), engine=engine)
    agree(y, case["out.y"], entry)
    weights = torch.linspace(-1, 1, y.numel()).view_as(y)
    found = torch.autograd.grad((y * weights).sum(), list(given.values()))
    for key, gradient in zip(given, found, strict=True):
        agree(gradient, case[f"grad.{key}"], GRADIENTS)
