"""Photographs, decoded once into one array on disk; rated ones are chosen rows of a set.

Axis letters: N items, S side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from beholder.datasets.rows import Row
from beholder.errors import DataError
from beholder.media import decode, probe
from beholder.records import FramePlan
from beholder.sampling.resize import resize

Progress = Callable[[int, int], None]
"""Called with what is done, and how much there is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Photos:
    """Photographs of one size with their opinions."""

    pixels: np.ndarray
    """uint8 [N, S, S, 3], RGB; mapped from disk."""
    mos: np.ndarray
    """float64 [N], 0..1."""
    rows: tuple[Row, ...]


def open_photos(rows: Sequence[Row], *, side_px: int, cache: Path, progress: Progress) -> Photos:
    """Decode photographs into a cache file, or open the one that an earlier run left.

    Args:
        rows: Rated images.
        side_px: Images of another size are resized to this square.
        cache: `.npy` file to write; a complete one of the right shape is used as it is.
        progress: Called with the number of images done and their total.

    Raises:
        DataError: No rows, or a cache of another shape.
        MediaError: An image cannot be decoded.
    """
    if not rows:
        raise DataError("expected at least one rated image, found none; check the data folder")
    paths = [row.path for row in rows]
    pixels = open_pixels(paths, side_px=side_px, cache=cache, progress=progress)
    return Photos(pixels=pixels, mos=np.array([row.mos for row in rows]), rows=tuple(rows))


def open_pixels(
    paths: Sequence[Path], *, side_px: int, cache: Path, progress: Progress
) -> np.ndarray:
    """Decode images into a cache file, or open the one that an earlier run left.

    Args:
        paths: The images.
        side_px: Images of another size are resized to this square.
        cache: `.npy` file to write; a complete one of the right shape is used as it is.
        progress: Called with the number of images done and their total.

    Returns:
        uint8 [N, S, S, 3], RGB; mapped from disk.

    Raises:
        DataError: The cache has another shape.
        MediaError: An image cannot be decoded.
    """
    shape = (len(paths), side_px, side_px, 3)
    if not cache.exists():
        _decode_all(paths, shape, cache, progress)
    pixels: np.ndarray = np.load(cache, mmap_mode="r")
    if pixels.shape != shape:
        raise DataError(
            f"expected decoded images of shape {shape} in {str(cache)!r}, found {pixels.shape}; "
            "delete it"
        )
    return pixels


def _decode_all(
    paths: Sequence[Path], shape: tuple[int, ...], cache: Path, progress: Progress
) -> None:
    cache.parent.mkdir(parents=True, exist_ok=True)
    # Complete or absent: an interrupted run must not leave a cache that looks whole.
    part = cache.with_suffix(".part")
    pixels = np.lib.format.open_memmap(part, "w+", np.uint8, shape)
    for number, path in enumerate(paths):
        pixels[number] = _square(path, shape[1])
        progress(number + 1, len(paths))
    pixels.flush()
    del pixels
    part.replace(cache)


def _square(path: Path, side_px: int) -> np.ndarray:
    (frame,) = decode(probe(path), FramePlan(times_us=(0,)))
    if frame.pixels.shape[:2] == (side_px, side_px):
        return frame.pixels
    planes = resize(frame.pixels, height_px=side_px, width_px=side_px)
    return np.rint(planes.transpose(1, 2, 0)).clip(0, 255).astype(np.uint8)
