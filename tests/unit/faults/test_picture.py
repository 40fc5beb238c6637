"""Each measure rises with its own fault and stays below its limit on the others."""

import numpy as np
import pytest

from beholder.evaluation.correlation import srcc
from beholder.faults import KINDS, measure_picture
from benchmarks.fault_makers import PICTURE_FAULTS

HEIGHT, WIDTH = 240, 320


def scene(seed: int) -> np.ndarray:
    """Draw a sky, a ground with texture and some things with sharp edges."""
    rng = np.random.default_rng(seed)
    down = np.linspace(0, 1, HEIGHT)[:, None]
    plane = np.broadcast_to(235 - 90 * down, (HEIGHT, WIDTH)).copy()
    grain = rng.normal(0, 1, (HEIGHT, WIDTH))
    grain = grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1)
    ground = HEIGHT * 2 // 3
    plane[ground:] = 110 + 18 * grain[ground:]
    for _ in range(25):
        top, left = rng.integers(30, HEIGHT - 40), rng.integers(0, WIDTH - 40)
        size = rng.integers(9, 40, 2)
        part = (slice(top, top + size[0]), slice(left, left + size[1]))
        plane[part] = rng.integers(15, 240) + 12 * grain[part]
    plane = plane + rng.normal(0, 0.6, plane.shape)
    tint = np.array([1.0, 0.97, 0.9])
    return np.rint(plane[..., None] * tint).clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module", params=[1, 2])
def clean(request):
    return scene(request.param)


@pytest.mark.parametrize("fault", list(PICTURE_FAULTS))
def test_measure_rises_with_its_fault_only(clean, fault):
    make, strengths = PICTURE_FAULTS[fault]
    rng = np.random.default_rng(0)
    figures = [measure_picture(make(clean, strength, rng)) for strength in strengths]
    assert srcc([each[fault] for each in figures], strengths) >= 0.9
    assert figures[-1][fault] > KINDS[fault].limit
    others = {name for each in figures for name in each if each[name] > KINDS[name].limit}
    assert others <= {fault}


def test_clean_picture_has_no_fault(clean):
    figures = measure_picture(clean)
    assert not [name for name, value in figures.items() if value > KINDS[name].limit]


def test_black_picture_is_only_black():
    figures = measure_picture(np.full((90, 160, 3), 9, np.uint8))
    assert figures == {"black": 100.0}


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (7, 500), (33, 20)])
def test_every_size_has_finite_figures(size):
    rng = np.random.default_rng(4)
    figures = measure_picture(rng.integers(60, 200, (*size, 3)).astype(np.uint8))
    assert all(np.isfinite(list(figures.values())))


def test_even_picture_is_flat_and_not_blurred():
    figures = measure_picture(np.full((64, 64, 3), 128, np.uint8))
    assert figures["low contrast"] == 100.0
    assert figures["blur"] == figures["noise"] == figures["banding"] == figures["blockiness"] == 0.0


def test_large_frames_are_sampled_and_agree_with_small_ones(clean):
    large = np.tile(clean, (5, 6, 1))
    noisy = PICTURE_FAULTS["noise"][0](large, 8, np.random.default_rng(0))
    assert measure_picture(noisy)["noise"] == pytest.approx(8, rel=0.15)


def test_blur_of_4k_is_judged_at_the_size_it_is_seen(clean):
    wide = np.tile(clean, (5, 6, 1))
    doubled = wide.repeat(2, axis=0).repeat(2, axis=1)
    assert measure_picture(doubled)["blur"] == pytest.approx(measure_picture(wide)["blur"], abs=6)


def test_over_exposure_is_the_share_at_white():
    picture = np.full((100, 100, 3), 90, np.uint8)
    picture[:30] = 255
    assert measure_picture(picture)["over-exposure"] == pytest.approx(30.0)


def test_under_exposure_counts_stops():
    picture = np.full((50, 50, 3), 255, np.uint8)
    darker = np.full((50, 50, 3), round(255 * 0.25 ** (1 / 2.2)), np.uint8)
    assert measure_picture(picture)["under-exposure"] == pytest.approx(0.0, abs=0.01)
    assert measure_picture(darker)["under-exposure"] == pytest.approx(2.0, abs=0.02)


def test_blockiness_knows_where_the_grid_is(clean):
    make, _ = PICTURE_FAULTS["blockiness"]
    coded = make(clean, 80, np.random.default_rng(0))
    assert measure_picture(coded[3:, 5:])["blockiness"] < measure_picture(coded)["blockiness"] / 2
