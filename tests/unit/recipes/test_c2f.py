"""The recipes of coarse to fine, as they stand."""

import pytest

from beholder.recipes import RECIPES
from beholder.sampling import plan_windows


@pytest.mark.parametrize("name", ["c2f_spatial", "c2f_spatial_nano", "c2f", "c2f_nano"])
def test_recipes_travel_as_json(name):
    made = RECIPES[name]()
    assert type(made).from_json(made.to_json()) == made


@pytest.mark.parametrize("name", ["c2f_spatial", "c2f_spatial_nano", "c2f", "c2f_nano"])
@pytest.mark.parametrize(
    "size", [(1080, 1920), (480, 854), (100, 100), (50, 300), (130, 2000), (720, 200), (7, 5)]
)
def test_every_window_has_the_size_that_the_network_takes(name, size):
    view = RECIPES[name]().view
    for num_frames in (1, 8):
        for window in plan_windows(*size, view, num_frames=num_frames):
            assert {window.out_height_px, window.out_width_px} == {view.detail_side_px}
