"""Makes pictures and clips with one fault of known strength; NumPy only, so that tests use it too.

Axis letters: T frames, H height, W width.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

_FAINT_LEVELS = 4
Maker = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def blur(clean: np.ndarray, sigma: float, _: np.random.Generator) -> np.ndarray:
    """Blur with a Gaussian of `sigma` pixels."""
    reach = int(4 * sigma + 0.5)
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).astype(np.float32)
    planes = clean.astype(np.float32)
    for axis in (0, 1):
        width = [(reach, reach) if axis == each else (0, 0) for each in range(3)]
        padded = np.pad(planes, width, mode="reflect")
        length = planes.shape[axis]
        planes = sum(
            weight * np.take(padded, range(k, k + length), axis) for k, weight in enumerate(kernel)
        )
    return _to_bytes(planes)


def blocks(clean: np.ndarray, step: float, _: np.random.Generator) -> np.ndarray:
    """Quantise the cosine transform of 8 x 8 blocks, coarser for finer detail, as JPEG does."""
    height, width = (side // 8 * 8 for side in clean.shape[:2])
    k = np.arange(8)
    basis = np.cos((2 * k + 1) * k[:, None] * np.pi / 16) * np.where(k[:, None] == 0, 0.5**0.5, 1)
    basis /= 2
    steps = step * (1 + k[:, None] + k)[:, :, None] / 4
    cut = clean[:height, :width].astype(np.float64) - 128
    cells = cut.reshape(height // 8, 8, width // 8, 8, 3).transpose(0, 2, 1, 3, 4)
    coded = np.einsum("ui,hwijc,vj->hwuvc", basis, cells, basis, optimize=True)
    rough = np.rint(coded / steps) * steps
    back = np.einsum("ui,hwuvc,vj->hwijc", basis, rough, basis, optimize=True)
    return _to_bytes(back.transpose(0, 2, 1, 3, 4).reshape(height, width, 3) + 128)


def noise(clean: np.ndarray, sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Add white Gaussian noise of `sigma` grey levels, the same in all colours."""
    return _to_bytes(clean + rng.normal(0, sigma, (*clean.shape[:2], 1)))


def bands(clean: np.ndarray, step: float, rng: np.random.Generator) -> np.ndarray:
    """Wipe out faint detail and keep every `step`-th level, as encoders do in smooth areas."""
    smooth = blur(clean, 1.5, rng).astype(np.float64)
    is_faint = np.abs(clean - smooth).max(axis=2, keepdims=True) < _FAINT_LEVELS
    return _to_bytes(np.rint(np.where(is_faint, smooth, clean) / step) * step)


def darken(clean: np.ndarray, stops: float, rng: np.random.Generator) -> np.ndarray:
    """Halve the light `stops` times."""
    return _expose(clean, -stops, rng)


def brighten(clean: np.ndarray, stops: float, rng: np.random.Generator) -> np.ndarray:
    """Double the light `stops` times; what passes white is cut off."""
    return _expose(clean, stops, rng)


def flatten(clean: np.ndarray, lost: float, rng: np.random.Generator) -> np.ndarray:
    """Draw all values towards middle grey; `lost` is the share of the contrast that goes."""
    return _to_bytes(128 + (1 - lost) * (_dithered(clean, rng) - 128))


PICTURE_FAULTS: dict[str, tuple[Maker, Sequence[float]]] = {
    "blur": (blur, (0.8, 1.2, 1.8, 2.7, 4.0, 6.0)),
    "blockiness": (blocks, (16, 24, 36, 54, 80, 120)),
    "noise": (noise, (3, 5, 8, 13, 21, 34)),
    "banding": (bands, (4, 6, 8, 12, 16, 24)),
    "under-exposure": (darken, (1, 2, 3, 4, 5, 6)),
    "over-exposure": (brighten, (0.5, 1, 1.5, 2, 2.5, 3)),
    "low contrast": (flatten, (0.3, 0.45, 0.6, 0.7, 0.8, 0.9)),
}
"""Name of the fault to its maker and six rising strengths."""


def blacken_frames(clip: np.ndarray, share: float, _: np.random.Generator) -> np.ndarray:
    """Make a share of a clip's frames black, from its middle on; [T, H, W, 3]."""
    first, last = _part(len(clip), share)
    changed = clip.copy()
    changed[first:last] = 0
    return changed


def freeze_frames(clip: np.ndarray, share: float, _: np.random.Generator) -> np.ndarray:
    """Show one frame for a share of a clip's time, from its middle on; [T, H, W, 3]."""
    first, last = _part(len(clip), share)
    changed = clip.copy()
    changed[first:last] = clip[first]
    return changed


def repeat_frames(clip: np.ndarray, share: float, _: np.random.Generator) -> np.ndarray:
    """Replace a share of the frames, spread evenly, by the frame before; [T, H, W, 3]."""
    number = np.arange(len(clip))
    repeats = np.floor((number + 1) * share) > np.floor(number * share)
    shown = np.maximum.accumulate(np.where(repeats & (number > 0), 0, number))
    return clip[shown]


CLIP_FAULTS: dict[str, tuple[Maker, Sequence[float]]] = {
    "black": (blacken_frames, (0.1, 0.2, 0.3, 0.45, 0.6, 0.9)),
    "frozen": (freeze_frames, (0.1, 0.2, 0.3, 0.45, 0.6, 0.9)),
    "duplicated": (repeat_frames, (0.1, 0.2, 0.33, 0.5, 0.67, 0.75)),
}


def _expose(clean: np.ndarray, stops: float, rng: np.random.Generator) -> np.ndarray:
    linear = (_dithered(clean, rng).clip(0, 255) / 255) ** 2.2 * 2.0**stops
    return _to_bytes(255 * linear ** (1 / 2.2))


def _dithered(clean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give back the fractions that rounding took: a camera exposes light, not whole levels."""
    return clean + rng.uniform(-0.5, 0.5, clean.shape)


def _part(length: int, share: float) -> tuple[int, int]:
    count = max(1, round(length * share))
    first = (length - count) // 2
    return first, first + count


def _to_bytes(planes: np.ndarray) -> np.ndarray:
    return np.rint(planes).clip(0, 255).astype(np.uint8)
