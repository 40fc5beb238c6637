"""Makes the clips and pictures that tests need, with PyAV, so the tree holds no media files.

Every default frame carries its own number as eight black or white blocks; `read_frame_number`
reads it back from decoded pixels, whatever the codec did to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np

NUM_BITS = 8
TIME_BASE = Fraction(1, 90_000)

Picture = np.ndarray | av.VideoFrame


def numbered_picture(number: int, *, width: int = 128, height: int = 96) -> np.ndarray:
    """Draw a moving gradient whose upper half shows `number` (0..255) as eight blocks.

    Returns:
        uint8 [height, width, 3].
    """
    row = np.linspace(40, 200, width)[None, :] + np.linspace(-30, 30, height)[:, None] + number
    picture = np.stack([row, row[:, ::-1], np.full_like(row, 90.0)], axis=-1)
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    for bit in range(NUM_BITS):
        left, right = bit * width // NUM_BITS, (bit + 1) * width // NUM_BITS
        picture[: height // 2, left:right] = 235 if number >> bit & 1 else 16
    return picture


def read_frame_number(pixels: np.ndarray) -> int:
    """Read the number that `numbered_picture` drew, from uint8 [H, W, 3] of any size."""
    height, width = pixels.shape[:2]
    blocks = pixels[height // 8 : height * 3 // 8].mean(axis=(0, 2))
    centres = [(2 * bit + 1) * width // (2 * NUM_BITS) for bit in range(NUM_BITS)]
    return sum(1 << bit for bit, x in enumerate(centres) if blocks[x] > 128)


def make_video(
    path: Path | str,
    *,
    width: int = 128,
    height: int = 96,
    fps: float | Fraction = 30,
    num_frames: int = 10,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    options: Mapping[str, str] | None = None,
    pictures: Iterable[Picture] | None = None,
    times_us: Sequence[int] | None = None,
    rotation_degrees: int = 0,
    mirrored: bool = False,
    sample_aspect: Fraction | None = None,
    container_options: Mapping[str, str] | None = None,
    container_format: str | None = None,
    tags: Mapping[str, int] | None = None,
    with_audio: bool = False,
) -> Path:
    """Encode a small clip and return its path.

    Args:
        path: Where to write; the suffix chooses the container unless `container_format` is given.
        width: Coded width; must suit the pixel format.
        height: Coded height.
        fps: Frames per second where `times_us` is not given.
        num_frames: How many frames; fewer when `pictures` ends earlier.
        codec: FFmpeg's encoder name.
        pixel_format: What the encoder is fed with.
        options: Options of the encoder, e.g. `{"crf": "40", "g": "30"}`.
        pictures: RGB arrays or ready frames; numbered pictures by default.
        times_us: Presentation time of each frame, for a variable frame rate.
        rotation_degrees: Clockwise turn that a player must apply.
        mirrored: A player must flip the picture left to right before it turns it.
        sample_aspect: Width over height of one sample.
        container_options: Options of the muxer, e.g. `{"movflags": "faststart"}`.
        container_format: FFmpeg's muxer name.
        tags: Colour tags of the stream: `color_range`, `colorspace`, `color_trc`,
            `color_primaries`.
        with_audio: Add one second of silence as a second stream.
    """
    source = _numbered(width, height) if pictures is None else iter(pictures)
    with av.open(
        str(path), "w", format=container_format, options=dict(container_options or {})
    ) as container:
        rate = Fraction(fps).limit_denominator(1001)
        stream = container.add_stream(codec, rate=rate, options=dict(options or {}))
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.codec_context.time_base = TIME_BASE if times_us else 1 / rate
        if sample_aspect is not None:
            stream.codec_context.sample_aspect_ratio = sample_aspect
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        if rotation_degrees or mirrored:
            stream.set_display_matrix(display_matrix(rotation_degrees, mirrored=mirrored))
        audio = container.add_stream("aac", rate=8000, layout="mono") if with_audio else None
        for number, picture in enumerate(islice(source, num_frames)):
            frame = _frame(picture, pixel_format, tags or {})
            frame.time_base = stream.codec_context.time_base
            frame.pts = (
                round(times_us[number] * TIME_BASE.denominator / 1e6) if times_us else number
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            _mux_silence(container, audio)
    return Path(path)


def make_image(
    path: Path | str,
    picture: Picture | tuple[int, int] = (128, 96),
    *,
    codec: str | None = None,
    pixel_format: str | None = None,
    options: Mapping[str, str] | None = None,
    tags: Mapping[str, int] | None = None,
) -> Path:
    """Encode one picture and return its path.

    Args:
        path: Where to write.
        picture: RGB array, a ready frame, or (width, height) of a numbered picture.
        codec: FFmpeg's encoder; by default the one that suits the suffix.
        pixel_format: What the encoder is fed with; by default one that suits the encoder.
        options: Options of the encoder.
        tags: Colour tags, as in `make_video`.
    """
    suffix = Path(path).suffix.lower().lstrip(".")
    codec = codec or IMAGE_CODECS[suffix]
    pixel_format = pixel_format or IMAGE_PIXEL_FORMATS.get(codec, "rgb24")
    if isinstance(picture, tuple):
        picture = numbered_picture(0, width=picture[0], height=picture[1])
    frame = _frame(picture, pixel_format, tags or {})
    muxer = {"avif": "avif", "gif": "gif", "webp": "webp"}.get(suffix, "image2pipe")
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=1, options=dict(options or {}))
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pixel_format
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Path(path)


IMAGE_CODECS = {
    "jpg": "mjpeg",
    "jpeg": "mjpeg",
    "png": "png",
    "webp": "libwebp",
    "avif": "libsvtav1",
    "tiff": "tiff",
    "tif": "tiff",
    "bmp": "bmp",
    "gif": "gif",
}
IMAGE_PIXEL_FORMATS = {
    "mjpeg": "yuvj444p",
    "libwebp": "bgra",
    "libsvtav1": "yuv420p",
    "bmp": "bgr24",
    "gif": "rgb8",
}


def display_matrix(rotation_degrees: int, *, mirrored: bool = False) -> tuple[int, ...]:
    """FFmpeg's display matrix for: flip left to right if `mirrored`, then turn clockwise."""
    cosine, sine = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[rotation_degrees]
    sign = -1 if mirrored else 1
    one = 1 << 16
    return (sign * cosine * one, sign * sine * one, 0, -sine * one, cosine * one, 0, 0, 0, 1 << 30)


def _numbered(width: int, height: int) -> Iterator[np.ndarray]:
    number = 0
    while True:
        yield numbered_picture(number % 256, width=width, height=height)
        number += 1


def _frame(picture: Picture, pixel_format: str, tags: Mapping[str, int]) -> av.VideoFrame:
    if isinstance(picture, av.VideoFrame):
        frame = picture
    else:
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        full = pixel_format.startswith("yuvj") or tags.get("color_range") == 2
        frame = frame.reformat(
            format=pixel_format,
            dst_colorspace=tags.get("colorspace", 5),
            dst_color_range=2 if full else 1,
        )
    for name, value in tags.items():
        setattr(frame, name, value)
    frame.pts = None
    return frame


def _mux_silence(container: av.container.OutputContainer, stream: av.AudioStream) -> None:
    frame = av.AudioFrame.from_ndarray(
        np.zeros((1, 8000), np.float32), format="fltp", layout="mono"
    )
    frame.sample_rate = 8000
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
