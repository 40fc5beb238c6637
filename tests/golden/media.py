"""The media behind the golden scores: drawn with NumPy, stored without loss, so that no encoder's
version can change a pixel.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from beholder.ladders.encode import write_lossless
from tests.media_factory import make_image


def texture(height: int, width: int, *, seed: int) -> np.ndarray:
    """Draw coloured noise whose spectrum falls as that of photographs: uint8 [H, W, 3]."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    frequency[0, 0] = np.inf
    phases = np.exp(2j * np.pi * rng.random((3, *frequency.shape)))
    planes = np.fft.irfft2(phases / frequency, (height, width))
    scaled = 128 + 50 * planes / planes.std(axis=(1, 2), keepdims=True)
    return np.rint(scaled).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)


def blurred(pixels: np.ndarray, reach: int) -> np.ndarray:
    """Average each pixel with its neighbours up to `reach` away; edges wrap."""
    total = pixels.astype(np.float64)
    for axis in (0, 1):
        total = sum(np.roll(total, shift, axis) for shift in range(-reach, reach + 1))
        total = total / (2 * reach + 1)
    return np.rint(total).astype(np.uint8)


def _image(path: Path) -> Path:
    return make_image(path.with_suffix(".png"), texture(240, 320, seed=1))


def _large_image(path: Path) -> Path:
    return make_image(path.with_suffix(".png"), texture(720, 960, seed=2))


def _clip(path: Path) -> Path:
    """Make a pan that is blurred more and more."""
    wide = texture(180, 400, seed=3)
    frames = (blurred(wide, n // 4)[:, 2 * n : 2 * n + 320] for n in range(24))
    path = path.with_suffix(".mkv")
    write_lossless(frames, path, fps=12)
    return path


MEDIA: dict[str, Callable[[Path], Path]] = {
    "image": _image,
    "large image": _large_image,
    "blurring clip": _clip,
}
"""Name to a function that writes the file (its suffix is its own) and returns its path."""
