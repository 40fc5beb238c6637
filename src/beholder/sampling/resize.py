"""Resize with antialiasing in exact arithmetic, so that every machine gives the same digits.

The filter is widened by the scale when shrinking: the triangle (linear interpolation, what Pillow
calls BILINEAR) or the cubic of Keys with a = -1/2 (what Pillow calls BICUBIC). The weights are
whole numbers that add up to 2**16 (cubic: 2**15, for its weights below zero make room for as much
above) and pixels are 8 bits, so each sum of products is a whole number that fits the mantissa of
the float type in use: 24 bits in float32 for the rows, 40 bits in float64 for the columns. No sum
is ever rounded, hence neither the order of summation, nor the number of BLAS threads, nor fused
instructions can change a digit.

Axis letters: H height, W width, C channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from beholder.errors import UsageError

Kernel = Literal["linear", "cubic"]

_WEIGHT_BITS: dict[Kernel, int] = {"linear": 16, "cubic": 15}
# Output lines per matrix product: wide enough for BLAS, narrow enough to skip the empty band.
_BLOCK_LINES = 8
# OpenBLAS starts its threads for more multiplications than this in one product. On products this
# narrow they gain nothing, and on busy cores they were seen to wait a hundred times the work.
_PRODUCT_SIZE = 1 << 18


class _Block(NamedTuple):
    """Consecutive output lines as a product of weights and the source lines they need."""

    target: slice
    source: slice
    weights: np.ndarray
    """float32 [target lines, source lines], whole numbers, rows add up to a power of 2."""


def resize(
    pixels: np.ndarray, *, height_px: int, width_px: int, kernel: Kernel = "linear"
) -> np.ndarray:
    """Resize a picture to `height_px` x `width_px`.

    Args:
        pixels: uint8 [H, W, C]; a view into a larger picture is fine, only its pixels are read.
        height_px: Wanted height, at least 1.
        width_px: Wanted width, at least 1.
        kernel: The filter; `cubic` is sharper, and its results leave 0..255 beside hard edges.

    Returns:
        float32 [C, `height_px`, `width_px`] in 0..255, contiguous, planes first as networks want.

    Raises:
        UsageError: The picture is not uint8 [H, W, C], or a size is smaller than 1.

    Source:
        Keys, "Cubic convolution interpolation for digital image processing", 1981, equation (4).
        Differs from Pillow's BILINEAR and BICUBIC in: sums are neither rounded to 8 bits nor cut.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3:
        found = f"{pixels.dtype} {list(pixels.shape)}"
        raise UsageError(f"expected a picture as uint8 [height, width, channels], found {found}")
    if min(height_px, width_px, *pixels.shape) < 1:
        raise UsageError(
            f"expected sizes of at least 1, found {list(pixels.shape)} to {height_px} x {width_px}"
        )
    height, width, channels = pixels.shape
    if (height, width) == (height_px, width_px):
        return np.ascontiguousarray(pixels.transpose(2, 0, 1), np.float32)
    rows = _shrink_rows(pixels, height_px, kernel).reshape(height_px, width, channels)
    planes = np.ascontiguousarray(rows.transpose(2, 0, 1), np.float64)
    resized = np.empty((channels * height_px, width_px))
    flat = planes.reshape(channels * height_px, width)
    for block in _blocks(width, width_px, kernel):
        # The scale is a power of two: dividing by it is exact, and done on the small matrix.
        weights = block.weights.T * 2.0 ** (-2 * _WEIGHT_BITS[kernel])
        for part in _parts(len(flat), weights.size):
            np.matmul(flat[part, block.source], weights, out=resized[part, block.target])
    return resized.astype(np.float32).reshape(channels, height_px, width_px)


def _shrink_rows(pixels: np.ndarray, height_px: int, kernel: Kernel) -> np.ndarray:
    """Return float32 [height_px, W * C], whole numbers: 2**16 or 2**15 times the picture."""
    height, width, channels = pixels.shape
    rows = np.empty((height_px, width * channels), np.float32)
    for block in _blocks(height, height_px, kernel):
        # Slab by slab, because the whole picture as float32 would take four times its memory.
        slab = pixels[block.source].astype(np.float32).reshape(-1, width * channels)
        for part in _parts(slab.shape[1], block.weights.size):
            np.matmul(block.weights, slab[:, part], out=rows[block.target, part])
    return rows


def _parts(length: int, weights: int) -> Iterator[slice]:
    """Cut the long axis of a product so that each part stays below `_PRODUCT_SIZE`."""
    step = max(1, _PRODUCT_SIZE // weights)
    return (slice(start, start + step) for start in range(0, length, step))


@lru_cache(maxsize=64)
def _blocks(source_px: int, target_px: int, kernel: Kernel) -> tuple[_Block, ...]:
    edges = [*range(0, target_px, _BLOCK_LINES), target_px]
    return tuple(_block(source_px, target_px, slice(a, b), kernel) for a, b in pairwise(edges))


def _block(source_px: int, target_px: int, target: slice, kernel: Kernel) -> _Block:
    # Positions and distances in units of 1 / (2 * target_px) source pixels are whole numbers.
    unit = 2 * max(source_px, target_px)
    radius = unit if kernel == "linear" else 2 * unit
    centres = (2 * np.arange(target.start, target.stop, dtype=np.int64) + 1) * source_px
    first = max(0, int(centres[0] - radius) // (2 * target_px))
    last = min(source_px, int(centres[-1] + radius) // (2 * target_px) + 1)
    positions = (2 * np.arange(first, last, dtype=np.int64) + 1) * target_px
    distances = np.abs(positions - centres[:, None])
    if kernel == "linear":
        weights = np.maximum(unit - distances, 0)
    else:
        weights = _cubic(distances.astype(object), unit)
    return _Block(target, slice(first, last), _quantise(weights, _WEIGHT_BITS[kernel]))


def _cubic(distances: np.ndarray, unit: int) -> np.ndarray:
    """Return Keys' cubic of `distances / unit`, times 2 * unit**3, in Python's long integers."""
    near = 3 * distances**3 - 5 * distances**2 * unit + 2 * unit**3
    far = -(distances**3) + 5 * distances**2 * unit - 8 * distances * unit**2 + 4 * unit**3
    return np.where(distances < unit, near, np.where(distances < 2 * unit, far, 0))


def _quantise(weights: np.ndarray, bits: int) -> np.ndarray:
    """Scale each row to whole numbers that add up to 2**bits, by rounding its running sum."""
    running = np.cumsum(weights, axis=1)
    total = running[:, -1:]
    rounded = (((running << (bits + 1)) + total) // (2 * total)).astype(np.int64)
    quantised: np.ndarray = np.diff(rounded, axis=1, prepend=0).astype(np.float32)
    return quantised
