"""A little material for the embedded model, and what a resting trunk sees of it."""

import pytest
import torch

from beholder.models.embedded import build
from beholder.recipes import RECIPES, apply_overrides
from beholder.training.looks import look_once
from tests.training_factory import make_material


@pytest.fixture(scope="package")
def looking():
    """Give the recipe that fits the pictures of `material`."""
    return apply_overrides(RECIPES["embedded"](), ["data.side_px=320"])


@pytest.fixture(scope="package")
def material():
    return make_material()


@pytest.fixture(scope="package")
def resting():
    """Give an embedded model of random weights, which nothing may change."""
    torch.manual_seed(0)
    return build().eval()


@pytest.fixture(scope="package")
def seen(material, resting, looking, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return look_once(resting, material, looking, cache=cache, progress=lambda *_: None)
