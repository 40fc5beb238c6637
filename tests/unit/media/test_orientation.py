"""All eight orientations, from containers and from EXIF, in each format that can carry them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from beholder.media import decode, probe
from beholder.media.orientation import Orientation, from_display_matrix, make_upright
from beholder.records import FramePlan
from tests.media_factory import display_matrix, make_image, make_video

# What a viewer does with a stored picture, written with array operations (EXIF 2.32, table 6).
EXIF_TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: p.transpose(1, 0, 2)[:, ::-1],
    7: lambda p: p.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda p: p.transpose(1, 0, 2)[::-1],
}


def four_corners(width: int = 96, height: int = 64) -> np.ndarray:
    """Each corner has its own colour, so that every flip and turn shows."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[: height // 2, : width // 2] = (250, 20, 20)
    picture[: height // 2, width // 2 :] = (20, 250, 20)
    picture[height // 2 :, : width // 2] = (20, 20, 250)
    picture[height // 2 :, width // 2 :] = (250, 250, 250)
    return picture


def exif_block(value: int, order: str = "<") -> bytes:
    mark = b"MM\0*" if order == ">" else b"II*\0"
    return mark + struct.pack(order + "IHHHIHHI", 8, 1, 274, 3, 1, value, 0, 0)


def with_exif(path: Path, exif: bytes) -> Path:
    """Put an EXIF block into a JPEG, PNG, WebP or TIFF file."""
    content = path.read_bytes()
    if path.suffix == ".jpg":
        body = b"Exif\0\0" + exif
        content = content[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + content[2:]
    elif path.suffix == ".png":
        chunk = b"eXIf" + exif
        chunk = struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk))
        content = content[:33] + chunk + content[33:]
    elif path.suffix == ".webp":
        width, height = 96, 64
        extended = struct.pack("<4sII", b"VP8X", 10, 0x08)
        extended += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        body = extended + content[12:] + struct.pack("<4sI", b"EXIF", len(exif)) + exif
        content = b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
    else:
        content = with_tiff_orientation(content, exif)
    path.write_bytes(content)
    return path


def with_tiff_orientation(content: bytes, exif: bytes) -> bytes:
    """Copy the first directory to the end of the file, with the orientation as a further entry."""
    (directory,) = struct.unpack_from("<I", content, 4)
    (count,) = struct.unpack_from("<H", content, directory)
    entries = [content[directory + 2 + 12 * n : directory + 14 + 12 * n] for n in range(count)]
    entries.append(exif[10:22])
    entries.sort(key=lambda entry: struct.unpack_from("<H", entry)[0])
    content += b"\0" * (len(content) % 2)
    moved = struct.pack("<I", len(content))
    return (
        content[:4]
        + moved
        + content[8:]
        + struct.pack("<H", count + 1)
        + b"".join(entries)
        + b"\0" * 4
    )


@pytest.mark.parametrize("value", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff"])
def test_exif_orientations_of_stills(tmp_path: Path, suffix: str, value: int) -> None:
    path = with_exif(make_image(tmp_path / f"a.{suffix}", four_corners()), exif_block(value))
    info = probe(path)
    (frame,) = decode(info, FramePlan(times_us=(0,)))
    expected = EXIF_TURNS[value](four_corners())
    assert frame.pixels.shape == expected.shape == (info.height_px, info.width_px, 3)
    assert np.abs(frame.pixels.astype(int) - expected).mean() < 12


def test_exif_in_motorola_order_and_nonsense_values(tmp_path: Path) -> None:
    path = make_image(tmp_path / "a.jpg", four_corners())
    plain = path.read_bytes()
    assert probe(with_exif(path, exif_block(6, ">"))).rotation_degrees == 90
    for exif in (exif_block(0), exif_block(99), b"II*\0\xff\xff\xff\x7f", b"", b"nonsense"):
        path.write_bytes(plain)
        info = probe(with_exif(path, exif))
        assert (info.rotation_degrees, info.mirrored) == (0, False)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_display_matrices_of_video(tmp_path: Path, degrees: int, mirrored: bool) -> None:
    path = make_video(
        tmp_path / "a.mp4",
        pictures=[four_corners()] * 3,
        width=96,
        height=64,
        rotation_degrees=degrees,
        mirrored=mirrored,
    )
    info = probe(path)
    assert (info.rotation_degrees, info.mirrored) == (degrees, mirrored)
    (frame,) = decode(info, FramePlan(times_us=(0,)))
    expected = np.rot90(four_corners()[:, ::-1] if mirrored else four_corners(), -degrees // 90)
    assert frame.pixels.shape == expected.shape == (info.height_px, info.width_px, 3)
    assert np.abs(frame.pixels.astype(int) - expected).mean() < 12


def test_an_odd_angle_is_rounded_to_a_quarter_turn() -> None:
    cosine, sine = round(65536 * np.cos(np.radians(80))), round(65536 * np.sin(np.radians(80)))
    assert from_display_matrix((cosine, sine, 0, -sine, cosine, 0, 0, 0, 1 << 30)) == Orientation(
        90
    )
    assert from_display_matrix(display_matrix(270, mirrored=True)) == Orientation(270, True)


def test_upright_pixels_are_contiguous() -> None:
    pixels = make_upright(four_corners(), Orientation(90, True))
    assert pixels.flags.c_contiguous
