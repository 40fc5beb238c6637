"""From high dynamic range and wide gamut to what a standard screen shows: BT.709, 203 cd/m2 white.

The steps, each from its standard:

1. Light of the screen from the coded values: PQ (SMPTE ST 2084), HLG with its OOTF at 1000 cd/m2
   and gamma 1.2 (ITU-R BT.2100-2), or the 2.4 power of standard screens (ITU-R BT.1886).
2. PQ and HLG are pressed into 203 cd/m2, the reference white of ITU-R BT.2408, by the roll-off of
   ITU-R BT.2390-10 section 5.4.1, from a mastering peak of 1000 cd/m2. It works on the largest of
   R, G, B and scales all three alike, so hues stay. The peak is fixed, because the metadata are
   missing or wrong in many files and the same picture must always get the same score.
3. Primaries: a matrix in linear light; what BT.709 cannot show is clipped.
4. Back to coded values with the inverse of BT.1886.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from beholder.records import ColorInfo

SDR_WHITE_NITS = 203.0
MASTERING_PEAK_NITS = 1000.0
_PQ_PEAK_NITS = 10_000.0
_SCREEN_GAMMA = 2.4
_HLG_GAMMA = 1.2

_LAST = 2**14 - 1
"""Last index of the tables. Their index is the square root of light (encoding, HLG) or its fourth
root (roll-off), because over linear light they would be too coarse in the dark."""

_BT2020_LUMA = (0.2627, 0.6780, 0.0593)
_TO_BT709 = {
    # ITU-R BT.2087-0, annex 2, inverted.
    "bt2020": (
        (1.660491, -0.587641, -0.072850),
        (-0.124550, 1.132900, -0.008349),
        (-0.018151, -0.100579, 1.118730),
    ),
    # From the chromaticities of SMPTE EG 432-1 with a D65 white.
    "p3": (
        (1.224940, -0.224940, 0.0),
        (-0.042057, 1.042057, 0.0),
        (-0.019638, -0.078636, 1.098274),
    ),
}


def needs_conversion(color: ColorInfo) -> bool:
    """Whether a picture is anything but SDR with (nearly) BT.709 primaries."""
    return color.transfer != "sdr" or color.primaries in _TO_BT709


def to_sdr_bt709(coded: np.ndarray, color: ColorInfo) -> np.ndarray:
    """Convert coded RGB to SDR with BT.709 primaries.

    Args:
        coded: float32 [3, H, W], R'G'B' with 0 black and 1 the largest value; clipped to that.
        color: Transfer and primaries of `coded`.

    Returns:
        uint8 [3, H, W].
    """
    nits = _light_table(color.transfer)[_to_index(coded)]
    if color.transfer == "hlg":
        nits *= _hlg_gain_table()[_to_index(np.sqrt(_weighted_sum(nits, _BT2020_LUMA)))]
    if color.transfer != "sdr":
        largest = nits.max(axis=0) / np.float32(_PQ_PEAK_NITS)
        nits *= _roll_off_table()[_to_index(np.sqrt(np.sqrt(largest)))]
    linear = nits / np.float32(SDR_WHITE_NITS)
    if color.primaries in _TO_BT709:
        linear = np.stack([_weighted_sum(linear, row) for row in _TO_BT709[color.primaries]])
    pixels: np.ndarray = _code_table()[_to_index(np.sqrt(np.maximum(linear, 0)))]
    return pixels


def pq_to_nits(coded: np.ndarray) -> np.ndarray:
    """Light in cd/m2 from PQ values in 0..1 (ST 2084, equation 4.1)."""
    root = coded ** (4096 / (2523 * 128))
    numerator = np.maximum(root - 3424 / 4096, 0)
    return _PQ_PEAK_NITS * (numerator / (2413 / 128 - 2392 / 128 * root)) ** (16384 / 2610)


def nits_to_pq(nits: np.ndarray) -> np.ndarray:
    """PQ values in 0..1 from light in cd/m2 (ST 2084, equation 5.1)."""
    root = (nits / _PQ_PEAK_NITS) ** (2610 / 16384)
    return ((3424 / 4096 + 2413 / 128 * root) / (1 + 2392 / 128 * root)) ** (2523 / 4096 * 128)


def hlg_to_scene(coded: np.ndarray) -> np.ndarray:
    """Scene light in 0..1 from HLG values in 0..1 (BT.2100-2, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(coded <= 0.5, coded**2 / 3, (np.exp((coded - c) / a) + b) / 12)


def roll_off(nits: np.ndarray) -> np.ndarray:
    """Press light of 0..1000 cd/m2 into 0..203 (BT.2390-10, section 5.4.1, with black at 0)."""
    source_peak = nits_to_pq(np.array(MASTERING_PEAK_NITS))
    peak = nits_to_pq(np.array(SDR_WHITE_NITS)) / source_peak
    knee = 1.5 * peak - 0.5
    value = np.minimum(nits_to_pq(nits) / source_peak, 1)
    t = np.maximum(value - knee, 0) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * peak
    )
    return pq_to_nits(np.where(value < knee, value, spline) * source_peak)


@cache
def _light_table(transfer: str) -> np.ndarray:
    coded = np.linspace(0, 1, _LAST + 1)
    if transfer == "pq":
        light = pq_to_nits(coded)
    elif transfer == "hlg":
        light = hlg_to_scene(coded)
    else:
        light = SDR_WHITE_NITS * coded**_SCREEN_GAMMA
    return light.astype(np.float32)


@cache
def _roll_off_table() -> np.ndarray:
    nits = _PQ_PEAK_NITS * np.linspace(0, 1, _LAST + 1)[1:] ** 4
    return np.concatenate([[1.0], roll_off(nits) / nits]).astype(np.float32)


@cache
def _code_table() -> np.ndarray:
    linear = np.linspace(0, 1, _LAST + 1) ** 2
    return np.rint(255 * linear ** (1 / _SCREEN_GAMMA)).astype(np.uint8)


@cache
def _hlg_gain_table() -> np.ndarray:
    scene_luminance = np.linspace(0, 1, _LAST + 1) ** 2
    return (MASTERING_PEAK_NITS * scene_luminance ** (_HLG_GAMMA - 1)).astype(np.float32)


def _to_index(values: np.ndarray) -> np.ndarray:
    scaled = np.clip(values, 0, 1) * np.float32(_LAST) + np.float32(0.5)
    index: np.ndarray = scaled.astype(np.uint16)
    return index


def _weighted_sum(planes: np.ndarray, weights: tuple[float, ...]) -> np.ndarray:
    """Sum planes one by one: a matrix product may round differently on another machine."""
    red, green, blue = (np.float32(weight) for weight in weights)
    total: np.ndarray = red * planes[0] + green * planes[1] + blue * planes[2]
    return total
