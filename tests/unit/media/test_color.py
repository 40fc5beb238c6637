"""Known colours go in, tagged in every way; what comes out is compared with the standards'
equations."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import VideoReformatter

from beholder.errors import NotMedia
from beholder.media import decode, probe
from beholder.media.color import interpret_color, over_white, to_rgb
from beholder.records import ColorInfo, FramePlan
from tests.media_factory import make_image, make_video

MATRIX_TAGS = {"bt709": 1, "bt601": 6, "bt2020": 9}
LUMA_WEIGHTS = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114), "bt2020": (0.2627, 0.0593)}
COLORS = [
    (16, 128, 128),
    (235, 128, 128),
    (126, 90, 170),
    (60, 180, 100),
    (180, 100, 90),
    (81, 90, 200),
]


def solid(
    pixel_format: str, values: tuple[int, ...], *, size: tuple[int, int] = (48, 32)
) -> av.VideoFrame:
    """A frame of one colour, each plane filled with its value."""
    frame = av.VideoFrame(*size, pixel_format)
    for plane, value, component in zip(frame.planes, values, frame.format.components, strict=True):
        dtype = np.uint8 if component.bits == 8 else np.uint16
        plane.update(np.full(plane.buffer_size // np.dtype(dtype).itemsize, value, dtype).tobytes())
    return frame


def expected_rgb(
    values: tuple[int, ...], *, matrix: str, full_range: bool, bits: int
) -> np.ndarray:
    kr, kb = LUMA_WEIGHTS[matrix]
    scale = 2 ** (bits - 8)
    if full_range:
        y = values[0] / (2**bits - 1)
        cb, cr = ((v - 128 * scale) / (2**bits - 1) for v in values[1:])
    else:
        y = (values[0] - 16 * scale) / (219 * scale)
        cb, cr = ((v - 128 * scale) / (224 * scale) for v in values[1:])
    r, b = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    g = (y - kr * r - kb * b) / (1 - kr - kb)
    return np.clip(255 * np.array([r, g, b]), 0, 255)


def color(matrix: str, *, full_range: bool = False) -> ColorInfo:
    return ColorInfo(full_range=full_range, matrix=matrix, primaries="bt709", transfer="sdr")


def convert(frame: av.VideoFrame, info: ColorInfo) -> np.ndarray:
    return to_rgb(frame, info, size=(frame.width, frame.height), reformatter=VideoReformatter())


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize("matrix", MATRIX_TAGS)
@pytest.mark.parametrize(
    ("pixel_format", "bits"),
    [
        ("yuv420p", 8),
        ("yuv422p", 8),
        ("yuv444p", 8),
        ("yuv420p10le", 10),
        ("yuv422p12le", 12),
        ("yuv444p16le", 16),
    ],
)
def test_solid_colors_match_the_equations(
    pixel_format: str, bits: int, matrix: str, full_range: bool
) -> None:
    for base in COLORS:
        values = tuple(v * 2 ** (bits - 8) for v in base)
        pixels = convert(solid(pixel_format, values), color(matrix, full_range=full_range))
        expected = expected_rgb(values, matrix=matrix, full_range=full_range, bits=bits)
        assert np.abs(pixels - expected).max() <= (1.0 if bits == 8 else 1.6), (
            base,
            pixels[0, 0],
            expected,
        )


def test_a_luma_ramp_is_monotone_and_exact() -> None:
    frame = solid("yuv444p", (0, 128, 128), size=(256, 16))
    frame.planes[0].update(np.tile(np.arange(256, dtype=np.uint8), (16, 1)).tobytes())
    pixels = convert(frame, color("bt709"))
    expected = np.clip((np.arange(256) - 16) * 255 / 219, 0, 255)
    assert np.abs(pixels[8] - expected[:, None]).max() <= 1
    assert (np.diff(pixels[8].astype(int), axis=0) >= 0).all()


@pytest.mark.parametrize("matrix", MATRIX_TAGS)
@pytest.mark.parametrize("full_range", [False, True])
def test_tags_of_a_file_reach_the_pixels(tmp_path: Path, matrix: str, full_range: bool) -> None:
    values = (126, 90, 170)
    tags = {"colorspace": MATRIX_TAGS[matrix], "color_range": 2 if full_range else 1}
    path = make_video(
        tmp_path / "tagged.mkv",
        codec="ffv1",
        pixel_format="yuv444p",
        pictures=[solid("yuv444p", values)],
        width=48,
        height=32,
        tags=tags,
    )
    info = probe(path)
    assert (info.color.matrix, info.color.full_range) == (matrix, full_range)
    (frame,) = decode(info, FramePlan(times_us=(0,)))
    expected = expected_rgb(values, matrix=matrix, full_range=full_range, bits=8)
    assert np.abs(frame.pixels - expected).max() <= 1


@pytest.mark.parametrize(
    ("size", "matrix"),
    [((1280, 534), "bt709"), ((720, 576), "bt601"), ((608, 1080), "bt709"), ((640, 480), "bt601")],
)
def test_untagged_video_is_read_as_players_do(size: tuple[int, int], matrix: str) -> None:
    info = interpret_color(av.VideoFrame(*size, "yuv420p"), is_image=False)
    assert info == color(matrix)


def test_untagged_pictures_are_bt601_full_range() -> None:
    info = interpret_color(av.VideoFrame(4000, 3000, "yuv420p"), is_image=True)
    assert info == color("bt601", full_range=True)


def test_a_matrix_we_cannot_undo_is_refused() -> None:
    frame = av.VideoFrame(64, 64, "yuv444p")
    frame.colorspace = 14  # ICtCp
    with pytest.raises(NotMedia, match="found colour matrix number 14"):
        interpret_color(frame, is_image=False)


@pytest.mark.parametrize(
    ("pixel_format", "array", "expected"),
    [
        ("gray", np.full((16, 16), 77, np.uint8), (77, 77, 77)),
        ("gray16le", np.full((16, 16), 77 * 257, np.uint16), (77, 77, 77)),
        ("rgb24", np.full((16, 16, 3), (10, 128, 250), np.uint8), (10, 128, 250)),
        ("bgr24", np.full((16, 16, 3), (250, 128, 10), np.uint8), (10, 128, 250)),
        (
            "rgb48le",
            np.full((16, 16, 3), (10 * 257, 128 * 257, 250 * 257), np.uint16),
            (10, 128, 250),
        ),
        ("gbrp", np.full((16, 16, 3), (10, 128, 250), np.uint8), (10, 128, 250)),
        ("rgba", np.full((16, 16, 4), (10, 128, 250, 255), np.uint8), (10, 128, 250)),
        ("rgba", np.full((16, 16, 4), (10, 128, 250, 0), np.uint8), (255, 255, 255)),
        ("rgba", np.full((16, 16, 4), (0, 100, 255, 51), np.uint8), (204, 224, 255)),
        (
            "rgba64le",
            np.full((16, 16, 4), (0, 100 * 257, 65535, 51 * 257), np.uint16),
            (204, 224, 255),
        ),
    ],
)
def test_other_pixel_formats(
    pixel_format: str, array: np.ndarray, expected: tuple[int, ...]
) -> None:
    frame = av.VideoFrame.from_ndarray(array, format=pixel_format)
    pixels = convert(frame, interpret_color(frame, is_image=True))
    assert pixels.shape == (16, 16, 3)
    assert np.abs(pixels.astype(int) - expected).max() <= 1, pixels[0, 0]


def test_over_white_rounds_to_nearest() -> None:
    pixels = np.array([[[0, 0, 0], [255, 255, 255], [100, 0, 0]]], np.uint8)
    assert over_white(pixels, np.array([[1, 7, 128]], np.uint8)).tolist() == [
        [[254, 254, 254], [255, 255, 255], [177, 127, 127]]
    ]


@pytest.mark.parametrize(
    "pixel_format", ["gray", "gray16be", "rgb48be", "pal8", "rgba", "ya8", "monob", "rgba64be"]
)
def test_png_of_every_kind(tmp_path: Path, pixel_format: str) -> None:
    picture = np.full((32, 48, 3), 255, np.uint8)
    picture[:, 24:] = 0
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    if pixel_format == "pal8":
        frame = palette_frame()
    else:
        frame = frame.reformat(format=pixel_format, dst_color_range=2)
    path = make_image(tmp_path / "a.png", frame, pixel_format=pixel_format)
    info = probe(path)
    (decoded,) = decode(info, FramePlan(times_us=(0,)))
    assert info.pixel_format == pixel_format
    assert decoded.pixels[:, :24].min() >= 254
    assert decoded.pixels[:, 24:].max() <= 1


def palette_frame() -> av.VideoFrame:
    frame = av.VideoFrame(48, 32, "pal8")
    indices = np.zeros((32, frame.planes[0].line_size), np.uint8)
    indices[:, 24:48] = 1
    frame.planes[0].update(indices.tobytes())
    palette = np.zeros((256, 4), np.uint8)
    palette[0], palette[1] = (255, 255, 255, 255), (0, 0, 0, 255)
    frame.planes[1].update(palette.tobytes())
    return frame


def test_transparency_is_noted_and_laid_on_white(tmp_path: Path) -> None:
    rgba = np.zeros((32, 48, 4), np.uint8)
    rgba[:, 24:] = 255
    rgba[:, 24:, :3] = (200, 30, 40)
    frame = av.VideoFrame.from_ndarray(rgba, format="rgba")
    info = probe(make_image(tmp_path / "a.png", frame, pixel_format="rgba"))
    (decoded,) = decode(info, FramePlan(times_us=(0,)))
    assert info.has_alpha
    assert "transparent parts are shown on white" in info.notes
    assert (decoded.pixels[:, :24] == 255).all()
    assert (decoded.pixels[:, 24:] == (200, 30, 40)).all()


def test_non_square_samples_are_stretched(tmp_path: Path) -> None:
    wide = probe(make_video(tmp_path / "w.mp4", sample_aspect=Fraction(16, 11)))
    narrow = probe(make_video(tmp_path / "n.mp4", sample_aspect=Fraction(1, 2)))
    absurd = probe(make_video(tmp_path / "a.mp4", sample_aspect=Fraction(100, 1)))
    assert (wide.width_px, wide.height_px) == (186, 96)
    assert (narrow.width_px, narrow.height_px) == (128, 192)
    assert (absurd.width_px, absurd.height_px) == (128, 96)
    (frame,) = decode(wide, FramePlan(times_us=(0,)))
    assert frame.pixels.shape == (96, 186, 3)
