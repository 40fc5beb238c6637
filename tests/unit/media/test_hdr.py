"""Tone mapping against values of the standards, and through real tagged files."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from beholder.media import decode, probe
from beholder.media.hdr import (
    hlg_to_scene,
    needs_conversion,
    nits_to_pq,
    pq_to_nits,
    roll_off,
    to_sdr_bt709,
)
from beholder.records import ColorInfo, FramePlan
from tests.media_factory import make_video

PQ_TAGS = {"color_range": 1, "colorspace": 9, "color_primaries": 9, "color_trc": 16}
HLG_TAGS = {**PQ_TAGS, "color_trc": 18}


def color(transfer: str, primaries: str = "bt2020") -> ColorInfo:
    return ColorInfo(full_range=False, matrix="bt2020", primaries=primaries, transfer=transfer)


def grey(value: float) -> np.ndarray:
    return np.full((3, 4, 4), value, np.float32)


def test_pq_gives_the_light_of_its_standard() -> None:
    # ITU-R BT.2408-7, table 1: 58 % is reference white, 75 % is a highlight of 1000 cd/m2.
    assert pq_to_nits(np.array([0.0, 0.58, 0.7518, 1.0])) == pytest.approx(
        [0, 203, 1000, 10_000], rel=0.01
    )
    light = np.array([0.01, 1.0, 100.0, 4000.0])
    assert pq_to_nits(nits_to_pq(light)) == pytest.approx(light, rel=1e-9)


def test_hlg_gives_the_light_of_its_standard() -> None:
    # ITU-R BT.2408-7: reference white is coded at 75 %, which is 26.5 % of scene light and 203
    # cd/m2.
    scene = hlg_to_scene(np.array([0.0, 0.5, 0.75, 1.0]))
    assert scene == pytest.approx([0, 1 / 12, 0.265, 1], abs=1e-3)
    assert 1000 * scene[2] ** 1.2 == pytest.approx(203, rel=0.01)


def test_roll_off_keeps_dark_and_middle_and_ends_at_white() -> None:
    light = np.array([0.1, 1.0, 20.0, 80.0])
    assert roll_off(light) == pytest.approx(light, rel=1e-6)
    assert roll_off(np.array([1000.0, 4000.0])) == pytest.approx([203, 203], rel=1e-6)
    assert (np.diff(roll_off(np.linspace(0, 1000, 500))) > 0).all()


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
def test_reference_white_is_light_grey_in_both_systems(transfer: str) -> None:
    coded = {"pq": 0.5807, "hlg": 0.75}[transfer]
    pixels = to_sdr_bt709(grey(coded), color(transfer))
    expected = 255 * (roll_off(np.array(203.0)) / 203) ** (1 / 2.4)
    assert 215 < expected < 240
    assert np.abs(pixels - expected).max() <= 1


@pytest.mark.parametrize("transfer", ["pq", "hlg", "sdr"])
def test_black_and_white_stay(transfer: str) -> None:
    assert to_sdr_bt709(grey(0), color(transfer)).max() == 0
    assert to_sdr_bt709(grey(1), color(transfer)).min() == 255


@pytest.mark.parametrize("primaries", ["bt2020", "p3"])
def test_primaries_are_converted_in_linear_light(primaries: str) -> None:
    # A muted BT.709 colour, expressed in the wider primaries with a matrix derived here.
    to_xyz = {name: _rgb_to_xyz(corners) for name, corners in CHROMATICITIES.items()}
    wanted = np.array([0.6, 0.3, 0.2])
    linear = np.linalg.solve(to_xyz[primaries], to_xyz["bt709"] @ wanted**2.4)
    coded = np.broadcast_to((linear ** (1 / 2.4))[:, None, None], (3, 2, 2)).astype(np.float32)
    pixels = to_sdr_bt709(coded, color("sdr", primaries))
    assert np.abs(pixels[:, 0, 0] - 255 * wanted).max() <= 1


def test_only_hdr_and_wide_gamut_take_the_slow_way() -> None:
    assert not needs_conversion(color("sdr", "bt709"))
    assert not needs_conversion(color("sdr", "bt601"))
    assert needs_conversion(color("sdr", "p3"))
    assert needs_conversion(color("pq", "bt709"))


@pytest.mark.parametrize(("tags", "transfer"), [(PQ_TAGS, "pq"), (HLG_TAGS, "hlg")])
def test_a_tagged_file_is_tone_mapped_and_says_so(
    tmp_path: Path, tags: dict[str, int], transfer: str
) -> None:
    frame = av.VideoFrame(64, 32, "yuv420p10le")
    coded = {"pq": 0.5807, "hlg": 0.75}[transfer]
    for plane, value in zip(frame.planes, (round(64 + 876 * coded), 512, 512), strict=True):
        plane.update(np.full(plane.buffer_size // 2, value, np.uint16).tobytes())
    path = make_video(
        tmp_path / "hdr.mkv",
        codec="ffv1",
        pixel_format="yuv420p10le",
        pictures=[frame],
        width=64,
        height=32,
        tags=tags,
    )
    info = probe(path)
    (decoded,) = decode(info, FramePlan(times_us=(0,)))
    assert (info.color.transfer, info.color.primaries, info.bits_per_channel) == (
        transfer,
        "bt2020",
        10,
    )
    assert info.notes == (f"tone-mapped from {transfer} to sdr",)
    expected = 255 * (roll_off(np.array(203.0)) / 203) ** (1 / 2.4)
    assert np.abs(decoded.pixels - expected).max() <= 1.5


CHROMATICITIES = {
    "bt709": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "p3": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
}


def _rgb_to_xyz(corners: tuple[tuple[float, float], ...]) -> np.ndarray:
    white = np.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in corners]).T
    return columns * np.linalg.solve(columns, white)
