"""Pictures of many sizes, decoded and shrunk once into one file.

::

    NAME.pixels     uint8, the pictures one after another, each [H, W, 3]
    NAME.sizes.npy  int64 [N, 2], H and W of each; written last, so it tells that all are there
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from beholder.errors import DataError
from beholder.media import decode, probe
from beholder.records import FramePlan
from beholder.sampling.resize import resize


class PictureStore:
    """Pictures by number, read where they lie on disk."""

    def __init__(self, path: Path, sizes: np.ndarray) -> None:
        lengths = 3 * sizes.prod(axis=1)
        self._ends = np.cumsum(lengths)
        self._sizes = sizes
        self._pixels = np.memmap(path, np.uint8, "r", shape=(int(lengths.sum()),))

    def __getitem__(self, item: int) -> np.ndarray:
        """Return uint8 [H, W, 3], RGB."""
        height, width = self._sizes[item]
        end = int(self._ends[item])
        return self._pixels[end - 3 * int(height * width) : end].reshape(height, width, 3)

    def __len__(self) -> int:
        return len(self._sizes)


def open_pictures(
    paths: Sequence[Path],
    store: Path,
    *,
    short_px: int,
    progress: Callable[[int, int], None],
) -> PictureStore:
    """Decode pictures into a store, or open the one that an earlier run left.

    Args:
        paths: Still pictures.
        store: Its files' path without suffix.
        short_px: Larger pictures are shrunk until their shorter side is this.
        progress: Called with the number of pictures done and their total.

    Raises:
        DataError: A store of another number of pictures.
        MediaError: A picture cannot be decoded.
    """
    pixels, sizes = (
        store.with_name(f"{store.name}.pixels"),
        store.with_name(f"{store.name}.sizes.npy"),
    )
    if not sizes.exists():
        store.parent.mkdir(parents=True, exist_ok=True)
        with pixels.open("wb") as file:
            found = []
            for number, path in enumerate(paths, start=1):
                picture = _shrunk(path, short_px)
                found.append(picture.shape[:2])
                file.write(picture.tobytes())
                progress(number, len(paths))
        np.save(sizes, np.array(found, np.int64))
    known = np.load(sizes)
    if len(known) != len(paths):
        raise DataError(
            f"expected {len(paths)} decoded pictures in {str(store)!r}, found {len(known)}; "
            "delete them"
        )
    return PictureStore(pixels, known)


def _shrunk(path: Path, short_px: int) -> np.ndarray:
    (frame,) = decode(probe(path), FramePlan(times_us=(0,)))
    height, width = frame.pixels.shape[:2]
    if min(height, width) <= short_px:
        return frame.pixels
    scale = short_px / min(height, width)
    planes = resize(frame.pixels, height_px=round(height * scale), width_px=round(width * scale))
    return np.rint(planes.transpose(1, 2, 0)).clip(0, 255).astype(np.uint8)
