"""Encode frames with the real encoders that come inside PyAV: x264, x265, VP9 and SVT-AV1."""

from __future__ import annotations

import math
import os
import platform
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from beholder.errors import EncodeError, UnknownName, UsageError

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer
    from av.video.stream import VideoStream


_REPEATABLE_X264 = (
    {"x264-params": "asm=SSE4.2"} if platform.machine().lower() in ("x86_64", "amd64") else {}
)
"""Keeps x264 from its AVX-512 code, whose look-ahead (mbtree) reads memory that it never wrote:
eight equal calls gave eight different files. With older instructions all were equal."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Codec:
    """One encoder and the settings that make it quick, silent and repeatable."""

    name: str
    encoder: str
    """FFmpeg's name of the encoder."""
    suffix: str
    """Suffix of files, with the dot; it chooses the container."""
    crf_min: int
    """Constant rate factor of the best quality that is offered."""
    crf_max: int
    """Constant rate factor of the worst quality that is offered."""
    crf_usual: int
    """Constant rate factor where only a size is asked for: the encoder's own default or advice."""
    options: dict[str, str]
    """Encoder options; each encoder runs on one thread, because results depend on the number."""


CODECS: dict[str, Codec] = {
    codec.name: codec
    for codec in (
        Codec(
            name="x264",
            encoder="libx264",
            suffix=".mp4",
            crf_min=0,
            crf_max=51,
            crf_usual=23,
            options={"preset": "fast"} | _REPEATABLE_X264,
        ),
        Codec(
            name="x265",
            encoder="libx265",
            suffix=".mp4",
            crf_min=0,
            crf_max=51,
            crf_usual=28,
            options={
                "preset": "fast",
                "x265-params": "log-level=none:pools=none:frame-threads=1",
            },
        ),
        Codec(
            name="vp9",
            encoder="libvpx-vp9",
            suffix=".webm",
            crf_min=0,
            crf_max=63,
            crf_usual=31,
            options={"deadline": "good", "cpu-used": "4", "row-mt": "0"},
        ),
        Codec(
            name="av1",
            encoder="libsvtav1",
            suffix=".mp4",
            crf_min=1,
            crf_max=63,
            crf_usual=35,
            options={"preset": "9", "svtav1-params": "lp=1"},
        ),
    )
}


def get_codec(name: str) -> Codec:
    """Look up a codec of `CODECS`.

    Args:
        name: `x264`, `x265`, `vp9` or `av1`.

    Raises:
        UnknownName: There is no codec of that name.
    """
    if name not in CODECS:
        raise UnknownName(f"expected one of the codecs {', '.join(CODECS)}, found {name!r}")
    return CODECS[name]


def encode(
    frames: Iterable[np.ndarray],
    path: str | Path,
    *,
    codec: str,
    fps: float,
    kbps: float | None = None,
    crf: int | None = None,
) -> int:
    """Encode frames into a video file, on one thread so that the same input repeats its bytes.

    The colours are converted to and tagged as BT.709, limited range, 4:2:0. A last odd row or
    column is cut off. The frames are taken one by one, so memory does not grow with their number.

    Args:
        frames: uint8 [H, W, 3] RGB pictures of one size, at least one.
        path: File to write; use the suffix of `CODECS[codec]`. It is replaced when it exists,
            and removed when encoding fails.
        codec: Name in `CODECS`.
        fps: Frames per second.
        kbps: Mean bit rate in kilobits per second; give either this or `crf`.
        crf: Constant rate factor in the codec's own unit: lower is better and larger.

    Returns:
        Size of the written file in bytes.

    Raises:
        UnknownName: There is no codec of that name.
        UsageError: Not exactly one of `kbps` and `crf`, or a value out of range.
        EncodeError: The frames do not fit together, or FFmpeg refused them.
    """
    chosen = get_codec(codec)
    check_rate(chosen, kbps=kbps, crf=crf)
    options = chosen.options | _rate_options(kbps=kbps, crf=crf)
    iterator = iter(frames)
    head = list(islice(iterator, 3))
    if codec == "x265" and len(head) < 3:
        # B-frames lag two frames behind: of one or two frames, x265 gives times that it never set.
        options["x265-params"] += ":bframes=0"
    return _encode(chain(head, iterator), Path(path), chosen.encoder, fps=fps, options=options)


def write_lossless(frames: Iterable[np.ndarray], path: str | Path, *, fps: float) -> int:
    """Store frames without loss after the conversion that `encode` makes, as FFV1.

    Args:
        frames: uint8 [H, W, 3] RGB pictures of one size, at least one.
        path: File to write, with the suffix `.mkv`.
        fps: Frames per second.

    Returns:
        Size of the written file in bytes.

    Raises:
        EncodeError: The frames do not fit together, or FFmpeg refused them.
    """
    return _encode(frames, Path(path), "ffv1", fps=fps, options={"level": "3"})


def _encode(
    frames: Iterable[np.ndarray], path: Path, encoder: str, *, fps: float, options: dict[str, str]
) -> int:
    if fps <= 0:
        raise UsageError(f"expected fps above 0, found {fps}")
    first, even = _even_frames(frames)
    import av

    # SVT-AV1 writes to stderr by itself and only listens to this; 1 lets errors through.
    os.environ.setdefault("SVT_LOG", "1")
    try:
        with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
            stream = _open_stream(container, encoder, first.shape, fps=fps)
            stream.codec_context.options = options
            _write(container, stream, even)
    except (av.FFmpegError, ValueError) as error:
        path.unlink(missing_ok=True)
        raise EncodeError(
            f"expected {encoder} to encode {first.shape[1]}x{first.shape[0]} frames into "
            f"{str(path)!r}, but it failed: {error}; try another codec, size or suffix"
        ) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path.stat().st_size


def check_rate(codec: Codec, *, kbps: float | None, crf: int | None) -> None:
    """Refuse a rate that a codec does not offer, before any work is done.

    Args:
        codec: The encoder.
        kbps: Mean bit rate in kilobits per second, or None.
        crf: Constant rate factor, or None.

    Raises:
        UsageError: Not exactly one of `kbps` and `crf`, or a value out of range.
    """
    if (kbps is None) == (crf is None):
        raise UsageError(f"expected exactly one of kbps and crf, found {kbps = } and {crf = }")
    if kbps is not None and not 0 < kbps < math.inf:
        raise UsageError(f"expected kbps above 0, found {kbps}")
    if crf is not None and not codec.crf_min <= crf <= codec.crf_max:
        raise UsageError(
            f"expected a crf of {codec.crf_min} to {codec.crf_max} for {codec.name}, found {crf}"
        )


def _rate_options(*, kbps: float | None, crf: int | None) -> dict[str, str]:
    if kbps is not None:
        return {"b": str(round(1000 * kbps))}
    # VP9 takes crf as constant quality only when the bit rate is zero.
    return {"b": "0", "crf": str(crf)}


def _even_frames(frames: Iterable[np.ndarray]) -> tuple[np.ndarray, Iterator[np.ndarray]]:
    """Check and crop the frames as they pass; the first is looked at before a file is made."""
    iterator = iter(frames)
    first = next(iterator, None)
    if first is None:
        raise EncodeError("expected at least one frame to encode, found none")
    shape = first.shape
    if first.dtype != np.uint8 or first.ndim != 3 or shape[2] != 3 or min(shape[:2]) < 2:
        raise EncodeError(
            "expected uint8 frames [H, W, 3] of at least 2 x 2 pixels, "
            f"found {first.dtype} {list(shape)}"
        )
    return _crop(first), _crop_all(chain([first], iterator), like=first)


def _crop_all(frames: Iterable[np.ndarray], *, like: np.ndarray) -> Iterator[np.ndarray]:
    for index, frame in enumerate(frames):
        if frame.shape != like.shape or frame.dtype != like.dtype:
            raise EncodeError(
                f"expected all frames to be {like.dtype} {list(like.shape)} like the first, "
                f"found {frame.dtype} {list(frame.shape)} at frame {index}"
            )
        yield _crop(frame)


def _crop(frame: np.ndarray) -> np.ndarray:
    height, width = frame.shape[:2]
    return np.ascontiguousarray(frame[: height // 2 * 2, : width // 2 * 2])


def _open_stream(
    container: OutputContainer, encoder: str, shape: tuple[int, ...], *, fps: float
) -> VideoStream:
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    # 1001 keeps 30000/1001 and its relatives exact.
    rate = Fraction(fps).limit_denominator(1001)
    stream = cast("VideoStream", container.add_stream(encoder, rate=rate))
    stream.height, stream.width = shape[0], shape[1]
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.thread_count = 1
    context.color_range = ColorRange.MPEG
    context.colorspace = Colorspace.ITU709
    context.color_primaries = ColorPrimaries.BT709
    context.color_trc = ColorTrc.BT709
    return stream


def _write(container: OutputContainer, stream: VideoStream, frames: Iterable[np.ndarray]) -> None:
    import av

    for index, pixels in enumerate(frames):
        picture = _to_yuv(av.VideoFrame.from_ndarray(pixels, format="rgb24"))
        picture.pts = index
        container.mux(stream.encode(picture))
    container.mux(stream.encode(None))


def _to_yuv(picture: av.VideoFrame) -> av.VideoFrame:
    from av.video.reformatter import ColorRange, Colorspace

    return picture.reformat(
        format="yuv420p",
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG,
        dst_color_range=ColorRange.MPEG,
    )
