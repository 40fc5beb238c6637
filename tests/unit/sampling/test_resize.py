from __future__ import annotations

import numpy as np
import pytest

from beholder.errors import UsageError
from beholder.sampling import resize
from beholder.sampling.resize import Kernel, _blocks


def _triangle(x: np.ndarray) -> np.ndarray:
    return np.maximum(1 - x, 0)


def _keys(x: np.ndarray) -> np.ndarray:
    near = 1.5 * x**3 - 2.5 * x**2 + 1
    far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


FILTERS = {"linear": _triangle, "cubic": _keys}


def _slow_line(line: np.ndarray, size: int, kernel: str) -> np.ndarray:
    """Resize one line by the definition of the filter, in float64."""
    scale = len(line) / size
    reach = max(scale, 1.0)
    result = np.empty(size)
    for i in range(size):
        distance = np.abs(np.arange(len(line)) + 0.5 - (i + 0.5) * scale)
        weights = FILTERS[kernel](distance / reach)
        result[i] = (weights * line).sum() / weights.sum()
    return result


def _slow_resize(pixels: np.ndarray, height_px: int, width_px: int, kernel: str) -> np.ndarray:
    planes = pixels.transpose(2, 0, 1).astype(np.float64)
    rows = np.apply_along_axis(_slow_line, 1, planes, height_px, kernel)
    return np.apply_along_axis(_slow_line, 2, rows, width_px, kernel)


def _noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("kernel", ["linear", "cubic"])
@pytest.mark.parametrize(
    ("size", "target"),
    [
        ((90, 160), (32, 64)),
        ((37, 53), (36, 52)),
        ((5, 7), (32, 64)),
        ((64, 20), (7, 40)),
        ((1, 1), (32, 32)),
        ((300, 2), (1, 2)),
        ((48, 48), (48, 17)),
    ],
)
def test_equals_the_slow_definition(
    size: tuple[int, int], target: tuple[int, int], kernel: Kernel
) -> None:
    pixels = _noise(*size)
    resized = resize(pixels, height_px=target[0], width_px=target[1], kernel=kernel)
    assert resized.dtype == np.float32
    assert resized.shape == (3, *target)
    # The only difference is weights in steps of 2**-16 or 2**-15.
    np.testing.assert_allclose(resized, _slow_resize(pixels, *target, kernel), atol=0.05)


def test_same_size_is_exact() -> None:
    pixels = _noise(33, 41)
    resized = resize(pixels, height_px=33, width_px=41)
    np.testing.assert_array_equal(resized, pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("kernel", ["linear", "cubic"])
def test_flat_colour_stays_exact(kernel: Kernel) -> None:
    pixels = np.full((123, 457, 3), (255, 1, 77), np.uint8)
    resized = resize(pixels, height_px=40, width_px=99, kernel=kernel)
    for channel, value in enumerate((255, 1, 77)):
        np.testing.assert_array_equal(resized[channel], np.float32(value))


@pytest.mark.parametrize(("kernel", "bits"), [("linear", 16), ("cubic", 15)])
def test_no_sum_is_rounded(kernel: Kernel, bits: int) -> None:
    """Floating point must give what whole numbers give, to the last bit."""
    pixels = _noise(1080, 411)
    down, right = (_whole_weights(*sizes, kernel) for sizes in ((1080, 64), (411, 96)))
    exact = np.einsum("ah,hwc,bw->cab", down, pixels.astype(np.int64), right, optimize=True)
    resized = resize(pixels, height_px=64, width_px=96, kernel=kernel)
    np.testing.assert_array_equal(resized, (exact / 4**bits).astype(np.float32))


def _whole_weights(source_px: int, target_px: int, kernel: Kernel) -> np.ndarray:
    weights = np.zeros((target_px, source_px), np.int64)
    for block in _blocks(source_px, target_px, kernel):
        weights[block.target, block.source] = block.weights
    return weights


def test_reads_only_the_pixels_of_a_view() -> None:
    pixels = _noise(211, 307)
    inside = np.pad(pixels, ((3, 5), (7, 2), (0, 0)))[3:-5, 7:-2]
    sizes = {"height_px": 64, "width_px": 96}
    np.testing.assert_array_equal(resize(inside, **sizes), resize(pixels, **sizes))


@pytest.mark.parametrize(
    ("pixels", "match"),
    [
        (np.zeros((4, 4, 3), np.float32), r"uint8 \[height, width, channels\], found float32"),
        (np.zeros((4, 4), np.uint8), r"found uint8 \[4, 4\]"),
        (np.zeros((0, 4, 3), np.uint8), "at least 1, found"),
    ],
)
def test_other_arrays_are_refused(pixels: np.ndarray, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        resize(pixels, height_px=8, width_px=8)
