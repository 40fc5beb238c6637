"""A small lettering for pictures: each sign is a few strokes of a round pen.

Our own design, so that figures need no font file. A stroke is a list of points, two digits each:
x to the right, y upwards (descender 0, base line 2, small letters up to 6, capitals up to 8).
A leading `~` rounds the corners, a trailing `z` closes the line. A point alone is a dot.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

_STROKES = {
    " ": "",
    "0": "~02 08 48 42z",
    "1": "06 28 22",
    "2": "~07 08 48 45 02|02 42",
    "3": "~07 08 48 45 25|~25 45 42 02 03",
    "4": "32 38 04 44",
    "5": "48 08 05|~05 15 46 42 02 03",
    "6": "~47 48 08 02 42 46 06 04",
    "7": "08 48 12",
    "8": "~05 08 48 45z|~02 05 45 42z",
    "9": "~03 02 42 48 08 04 44 46",
    "a": "46 42|~06 02 42 46z",
    "b": "08 02|~06 02 42 46z",
    "c": "~45 46 06 02 42 43",
    "d": "48 42|~06 02 42 46z",
    "e": "04 44|~44 46 06 02 42 43",
    "f": "~38 18 16 12|06 36",
    "g": "~46 43 40 00 01|~06 02 42 46z",
    "h": "08 02|~04 06 46 44 42",
    "i": "06 02|08",
    "j": "~26 23 20 00|28",
    "k": "08 02|36 04 32",
    "l": "08 02",
    "m": "06 02|~04 06 36 34 32|~34 36 66 64 62",
    "n": "06 02|~04 06 46 44 42",
    "o": "~06 02 42 46z",
    "p": "06 00|~06 02 42 46z",
    "q": "46 40|~06 02 42 46z",
    "r": "06 02|~04 06 36",
    "s": "~45 46 06 04 44 42 02 03",
    "t": "~18 14 12 32|06 36",
    "u": "~06 04 02 42 44|46 42",
    "v": "06 22 46",
    "w": "06 22 36 42 66",
    "x": "06 42|02 46",
    "y": "06 22|46 10",
    "z": "06 46 02 42",
    "A": "02 28 42|14 34",
    "B": "~08 48 45 05|~05 45 42 02|08 02",
    "C": "~47 48 08 02 42 43",
    "D": "~08 48 42 02|08 02",
    "E": "48 08 02 42|05 35",
    "F": "48 08 02|05 35",
    "G": "~47 48 08 02 42 45|45 25",
    "H": "08 02|48 42|05 45",
    "I": "08 28|18 12|02 22",
    "J": "~48 44 42 02 03",
    "K": "08 02|48 05 42",
    "L": "08 02 42",
    "M": "02 08 34 68 62",
    "N": "02 08 42 48",
    "O": "~08 02 52 58z",
    "P": "~08 48 45 05|08 02",
    "Q": "~08 02 52 58z|34 52",
    "R": "~08 48 45 05|08 02|25 42",
    "S": "~47 48 08 05 45 42 02 03",
    "T": "08 48|28 22",
    "U": "~08 04 02 42 44 48",
    "V": "08 22 48",
    "W": "08 22 36 42 68",
    "X": "08 42|02 48",
    "Y": "08 25 48|25 22",
    "Z": "08 48 02 42",
    ".": "02",
    ",": "03 01",
    ":": "02|05",
    "-": "04 34",
    "_": "01 41",
    "/": "01 39",
    "(": "~29 07 03 21",
    ")": "~09 27 23 01",
    "%": "02 68|~06 08 28 26z|~42 44 64 62z",
}
_UNKNOWN = "02 08 48 42z"
_BASE_LINE = 2
_SPACE_WIDTH = 2
_ROUNDS = 3


class Glyph(NamedTuple):
    """One sign: its lines and its width, in units of which a capital is six high."""

    lines: tuple[np.ndarray, ...]
    """float [points, 2]: x from the left edge, y above the base line."""
    width: float


@lru_cache(maxsize=256)
def glyph(sign: str) -> Glyph:
    """Return the strokes of a sign; an unknown one is an empty box."""
    lines = tuple(_line(stroke) for stroke in _STROKES.get(sign, _UNKNOWN).split("|") if stroke)
    width = max((float(line[:, 0].max()) for line in lines), default=_SPACE_WIDTH)
    return Glyph(lines, width)


def _line(stroke: str) -> np.ndarray:
    closed, rounded = stroke.endswith("z"), stroke.startswith("~")
    pairs = stroke.strip("~z").split()
    points = np.array([(int(pair[0]), int(pair[1]) - _BASE_LINE) for pair in pairs], np.float64)
    for _ in range(_ROUNDS if rounded else 0):
        points = _cut_corners(points, closed=closed)
    return np.concatenate([points, points[:1]]) if closed else points


def _cut_corners(points: np.ndarray, *, closed: bool) -> np.ndarray:
    """Chaikin's corner cutting: every side keeps its middle half; open lines keep their ends."""
    following = np.roll(points, -1, axis=0)
    sides = np.stack([0.75 * points + 0.25 * following, 0.25 * points + 0.75 * following], axis=1)
    if closed:
        return sides.reshape(-1, 2)
    return np.concatenate([points[:1], sides[:-1].reshape(-1, 2)[1:-1], points[-1:]])
