from __future__ import annotations

import numpy as np
import pytest

from beholder import Scorer
from beholder.errors import UsageError
from beholder.scoring.damage_map import map_damage
from benchmarks.fault_makers import PICTURE_FAULTS
from benchmarks.heat_map import points_to
from tests.golden.media import texture
from tests.view_factory import VIEW


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer()


@pytest.mark.parametrize("quarter", [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize(("fault", "strength"), [("blur", 4.0), ("blockiness", 160)])
def test_map_points_to_the_damaged_quarter(
    scorer: Scorer, fault: str, strength: float, quarter: tuple[int, int]
) -> None:
    picture = texture(256, 320, seed=11)
    damaged = PICTURE_FAULTS[fault][0](picture, strength, np.random.default_rng(0))
    rows, columns = (
        slice(half * side // 2, (half + 1) * side // 2)
        for half, side in zip(quarter, (256, 320), strict=True)
    )
    picture[rows, columns] = damaged[rows, columns]
    assert points_to(picture, quarter, scorer.map_damage)


def test_even_picture_has_no_place_of_its_own() -> None:
    found = map_damage(
        np.full((300, 400, 3), 90, np.uint8), VIEW, run=lambda views: views.mean(axis=(1, 2, 3))
    )
    assert np.ptp(found.points) == pytest.approx(0, abs=1e-9)


def test_cells_cover_the_picture_at_the_size_it_is_seen() -> None:
    side = VIEW.size_multiple_px * 4
    for height, width in (
        (side, side),
        (side + 1, 3 * side),
        (2 * VIEW.detail_short_side_px, 5000),
    ):
        found = map_damage(
            np.zeros((height, width, 3), np.uint8), VIEW, run=lambda views: np.ones(len(views))
        )
        rows, columns = found.points.shape
        assert rows * found.cell_px >= height - found.cell_px
        assert columns * found.cell_px >= width - found.cell_px
        assert np.isfinite(found.points).all()


def test_small_pictures_are_refused() -> None:
    with pytest.raises(UsageError, match="expected a picture of at least .* found 40 x 30"):
        map_damage(np.zeros((30, 40, 3), np.uint8), VIEW, run=lambda views: np.ones(len(views)))
