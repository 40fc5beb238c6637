"""A run folder becomes the network it was made for, or tells why it cannot."""

import json

import pytest

from beholder.errors import DataError
from beholder.models.embedded import EmbeddedModel
from beholder.recipes import RECIPES
from beholder.training.quality_model import rebuild_network


def test_the_network_of_a_run_comes_back(tmp_path):
    (tmp_path / "recipe.json").write_text(RECIPES["embedded"]().to_json())
    assert isinstance(rebuild_network(tmp_path), EmbeddedModel)


@pytest.mark.parametrize("name", sorted(set(RECIPES) - {"ptm_vqa"}))
def test_recipes_of_other_versions_are_told(name, tmp_path):
    recipe = json.loads(RECIPES[name]().to_json())
    recipe["loop"]["head_steps"] = 100
    (tmp_path / "recipe.json").write_text(json.dumps(recipe))
    with pytest.raises(DataError, match=r"found another .*head_steps.*use the version"):
        rebuild_network(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "{}"])
def test_damaged_recipes_are_told(text, tmp_path):
    (tmp_path / "recipe.json").write_text(text)
    with pytest.raises(DataError, match="expected a recipe that this version writes"):
        rebuild_network(tmp_path)
