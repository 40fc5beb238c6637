"""Find pristine contents in a folder and read a few frames of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Literal

import av
import numpy as np
import numpy.typing as npt

from beholder.errors import DataError

_PICTURES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
_VIDEOS = frozenset({".avi", ".mkv", ".mov", ".mp4", ".webm", ".y4m"})

_VIDEO_SHRINK = Fraction(1, 2)
_VIDEO_MIN_SIDE_PX = 270
_PAN_SIZE_PX = (854, 480)
_PAN_SHRINK = Fraction(4, 5)
_PAN_STEP_PX = (5, 2)
_FULL_PAN_SIZE_PX = (1920, 1080)
_FULL_PAN_SHARE = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Source:
    """One content before it is read."""

    content_id: str
    """Name of the file or folder, without suffix."""
    kind: Literal["sequence", "video", "picture"]
    path: Path


def find_sources(root: str | Path) -> list[Source]:
    """List the contents of a folder in the order of their names.

    Each sub-folder of pictures is a clip, each video file is a clip, each single picture becomes
    a slow pan. Other files are passed over.

    Args:
        root: Folder to look at; it is not walked deeper than one level.

    Raises:
        DataError: The folder is missing, holds no content, or two contents share a name.
    """
    root = Path(root)
    if not root.is_dir():
        raise DataError(f"expected a folder of sources at {str(root)!r}, found none")
    found = [source for path in sorted(root.iterdir()) if (source := _source(path))]
    if not found:
        raise DataError(
            f"expected videos, pictures or folders of pictures in {str(root)!r}, found none"
        )
    names = [source.content_id for source in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"expected one content of each name in {str(root)!r}, found more: {twice}")
    return found


def read_source(
    source: Source, *, num_frames: int, fps: float, full_size: bool = False
) -> tuple[list[np.ndarray], float]:
    """Read consecutive frames from the middle of a content.

    Sequences are taken as they are. Videos are halved in size (though the shorter side does not
    fall below 270 px for it), so that little of their own coding is left. Pictures become a pan
    whose window moves by parts of a pixel, because whole pixels would cost an encoder nothing.

    Args:
        source: A result of `find_sources`.
        num_frames: Most frames to read; a shorter clip gives what it has.
        fps: Frames per second of sequences and pans.
        full_size: Videos keep their size, and pans show nine tenths of a picture at up to 1920 x
            1080, instead of a part of it at up to 854 x 480.

    Returns:
        uint8 [H, W, 3] RGB frames, and their frames per second.

    Raises:
        DataError: The content cannot be decoded.
    """
    try:
        if source.kind == "video":
            return _read_video(source.path, num_frames, full_size=full_size)
        if source.kind == "sequence":
            return _read_sequence(source.path, num_frames), fps
        return list(_pan(next(_decode(source.path)), num_frames, full_size=full_size)), fps
    except (av.FFmpegError, StopIteration) as error:
        raise DataError(
            f"expected pictures or video that FFmpeg can read in {str(source.path)!r}: {error}; "
            "replace or remove it"
        ) from error


def _source(path: Path) -> Source | None:
    if path.is_dir():
        has_pictures = any(_is_picture(child) for child in path.iterdir())
        return Source(path.name, "sequence", path) if has_pictures else None
    if path.suffix.lower() in _VIDEOS:
        return Source(path.stem, "video", path)
    return Source(path.stem, "picture", path) if _is_picture(path) else None


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in _PICTURES


def _decode(path: Path) -> Iterator[av.VideoFrame]:
    with av.open(str(path)) as container:
        yield from container.decode(video=0)


def _middle(total: int, num_frames: int) -> slice:
    start = max(0, (total - num_frames) // 2)
    return slice(start, start + num_frames)


def _read_sequence(folder: Path, num_frames: int) -> list[np.ndarray]:
    paths = sorted(path for path in folder.iterdir() if _is_picture(path))
    chosen = paths[_middle(len(paths), num_frames)]
    return [next(_decode(path)).to_ndarray(format="rgb24") for path in chosen]


def _read_video(path: Path, num_frames: int, *, full_size: bool) -> tuple[list[np.ndarray], float]:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 25)
        # Containers such as y4m do not tell the number of frames: those are read from the start.
        middle = _middle(stream.frames, num_frames)
        frames = islice(container.decode(stream), middle.start, middle.stop)
        return [_shrink(frame, most=1 if full_size else _VIDEO_SHRINK) for frame in frames], fps


def _shrink(frame: av.VideoFrame, *, most: Fraction | int) -> np.ndarray:
    least = Fraction(_VIDEO_MIN_SIDE_PX, min(frame.width, frame.height))
    factor = max(most, min(Fraction(1), least))
    return _resize(frame, width_px=int(frame.width * factor), height_px=int(frame.height * factor))


def _pan(picture: av.VideoFrame, num_frames: int, *, full_size: bool) -> Iterator[np.ndarray]:
    """Move a window over a picture along its diagonal, and shrink each view of it."""
    pixels = picture.to_ndarray(format="rgb24")
    sides = (pixels.shape[1], pixels.shape[0])
    shrink, out = (_full_pan if full_size else _small_pan)(sides)
    window = [int(side / shrink) for side in out]
    room = [side - seen for side, seen in zip(sides, window, strict=True)]
    # A step is as wide in what is seen, however much that is shrunk.
    steps = [round(step * _PAN_SHRINK / shrink) for step in _PAN_STEP_PX]
    for index in range(num_frames):
        left, top = (min(index * step, free) for step, free in zip(steps, room, strict=True))
        view: npt.NDArray[np.uint8] = np.ascontiguousarray(
            pixels[top : top + window[1], left : left + window[0]]
        )
        frame = av.VideoFrame.from_ndarray(view, format="rgb24")
        yield _resize(frame, width_px=out[0], height_px=out[1])


def _small_pan(sides_px: tuple[int, int]) -> tuple[Fraction, list[int]]:
    """Return by how much a small window is shrunk, and its width and height then."""
    out = [min(most, side * 2 // 3) for most, side in zip(_PAN_SIZE_PX, sides_px, strict=True)]
    return _PAN_SHRINK, out


def _full_pan(sides_px: tuple[int, int]) -> tuple[Fraction, list[int]]:
    """Return by how much a window over most of a picture is shrunk, and its size then."""
    fits = min(Fraction(a, b) for a, b in zip(sides_px, _FULL_PAN_SIZE_PX, strict=True))
    shrink = min(_PAN_SHRINK, 1 / (fits * _FULL_PAN_SHARE))
    return shrink, [int(side * fits * _FULL_PAN_SHARE * shrink) for side in _FULL_PAN_SIZE_PX]


def _resize(frame: av.VideoFrame, *, width_px: int, height_px: int) -> np.ndarray:
    return frame.reformat(
        width=width_px // 2 * 2, height=height_px // 2 * 2, format="rgb24", interpolation="AREA"
    ).to_ndarray()
