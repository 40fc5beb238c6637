import pytest

from beholder.errors import UnknownName, UsageError
from beholder.recipes import RECIPES, apply_overrides


@pytest.fixture
def recipe():
    return RECIPES["embedded"]()


def test_settings_are_replaced_by_name_and_kept_in_type(recipe):
    changed = apply_overrides(
        recipe, ["loop.steps=6", "loop.log_every=2", "optim.weight_decay=0.5", "data.ladders=x=y"]
    )
    assert (changed.loop.steps, changed.loop.log_every) == (6, 2)
    assert changed.optim.weight_decay == 0.5
    assert changed.data.ladders == "x=y"
    assert changed.view == recipe.view


def test_order_of_settings_that_are_checked_together_does_not_matter(recipe):
    # Photographs of 256 alone would be smaller than the recipe's crops.
    changed = apply_overrides(recipe, ["data.side_px=256", "data.crop_px=128"])
    assert (changed.data.side_px, changed.data.crop_px) == (256, 128)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("loop.step=6", UnknownName, "did you mean loop.steps"),
        ("loop.steps", UsageError, "expected group.field=value"),
        ("loop.steps=many", UsageError, "expected int in 'loop.steps=many'"),
        ("loop.steps=0", UsageError, "expected loop.steps of 1 or more"),
        ("data.crop_px=100", UsageError, "multiple of 32"),
        ("data.num_rungs=1", UsageError, "2 or more"),
    ],
)
def test_wrong_settings_are_explained(recipe, text, error, says):
    with pytest.raises(error, match=says):
        apply_overrides(recipe, [text])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pool.weighting=best", "pool.weighting dbi, uniform or probe"),
        ("optim.triplets=some", "optim.triplets fused or each"),
        ("loop.precision=bf16-mixed", "expected loop.precision=32-true"),
    ],
)
def test_wrong_settings_of_ptm_vqa_are_explained(text, says):
    with pytest.raises(UsageError, match=says):
        apply_overrides(RECIPES["ptm_vqa"](), [text])


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_recipe_survives_json(name):
    recipe = RECIPES[name]()
    assert recipe.name == name
    assert type(recipe).from_json(recipe.to_json()) == recipe
