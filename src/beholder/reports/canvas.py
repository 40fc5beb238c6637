"""A canvas for small figures: smooth lines, discs, text; written as PNG. Needs numpy only.

Positions are in pixels, x to the right and y downwards; colours are RGB in 0..255.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np

from beholder.reports.glyphs import glyph

Color = tuple[int, int, int]
Point = tuple[float, float]

_CAPITAL_UNITS = 6.0
_LETTER_GAP_UNITS = 2.0
_PEN = 0.13
"""Thickness of the lettering's pen over the height of a capital."""


class Canvas:
    """A picture that is drawn on; later strokes lie above earlier ones."""

    def __init__(self, width_px: int, height_px: int, *, color: Color = (255, 255, 255)) -> None:
        """Start with a plain background."""
        self._pixels = np.empty((height_px, width_px, 3), np.float32)
        self._pixels[:] = color

    def paste(self, top_left: tuple[int, int], pixels: np.ndarray) -> None:
        """Lay a picture [H, W, 3] in 0..255 at (left, top); it must fit."""
        left, top = top_left
        self._pixels[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels

    def fill(self, top_left: Point, bottom_right: Point, *, color: Color) -> None:
        """Fill an upright rectangle; its edges are rounded to whole pixels."""
        (left, top), (right, bottom) = top_left, bottom_right
        self._pixels[round(top) : round(bottom), round(left) : round(right)] = color

    def line(self, points: Sequence[Point], *, width_px: float, color: Color) -> None:
        """Draw a line through the points with round ends; a single point is a disc."""
        self._stroke([np.array(points, np.float64)], width_px, color)

    def text(
        self,
        position: Point,
        text: str,
        *,
        size_px: float,
        color: Color,
        anchor: float = 0.0,
        upwards: bool = False,
    ) -> None:
        """Write one line of text.

        Args:
            position: Where the base line meets the anchor.
            text: Signs without a glyph show as boxes.
            size_px: Height of a capital.
            color: Colour of the pen.
            anchor: 0 starts at the position, 0.5 is centred on it, 1 ends there.
            upwards: Turn the text a quarter to the left, as beside an axis.
        """
        scale = size_px / _CAPITAL_UNITS
        cursor = -anchor * _text_units(text)
        for sign in text:
            lines, width = glyph(sign)
            offset = np.array([cursor, 0.0])
            placed = [_place((line + offset) * scale, position, upwards) for line in lines]
            self._stroke(placed, size_px * _PEN, color)
            cursor += width + _LETTER_GAP_UNITS

    def to_png(self) -> bytes:
        """Return the picture as a PNG file (8 bits, RGB)."""
        pixels = np.clip(np.round(self._pixels), 0, 255).astype(np.uint8)
        height, width, _ = pixels.shape
        # Each row starts with its filter; 0 stores the row as it is.
        rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)

    def _stroke(self, lines: Sequence[np.ndarray], width_px: float, color: Color) -> None:
        """Blend lines as one shape, so that crossings are not darker than the rest."""
        if not lines:
            return
        radius = width_px / 2
        points = np.concatenate(lines)
        height, width, _ = self._pixels.shape
        left, top = np.clip(np.floor(points.min(axis=0) - radius - 1), 0, (width, height))
        right, bottom = np.clip(np.ceil(points.max(axis=0) + radius + 2), 0, (width, height))
        area = self._pixels[int(top) : int(bottom), int(left) : int(right)]
        grid = np.stack(np.meshgrid(np.arange(left, right), np.arange(top, bottom)), axis=-1) + 0.5
        distance = np.full(grid.shape[:2], np.inf)
        for line in lines:
            for start, end in zip(line, [*line[1:], line[-1]], strict=True):
                np.minimum(distance, _distance(grid, start, end), out=distance)
        cover = np.clip(radius + 0.5 - distance, 0, 1)[..., None]
        area += cover * (np.array(color) - area)


def _distance(grid: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return how far each pixel is from a segment."""
    along = end - start
    length = float(along @ along)
    share = np.clip(((grid - start) @ along) / length, 0, 1) if length else np.zeros(grid.shape[:2])
    away: np.ndarray = grid - start - share[..., None] * along
    distance: np.ndarray = np.hypot(away[..., 0], away[..., 1])
    return distance


def _text_units(text: str) -> float:
    return sum(glyph(sign).width for sign in text) + _LETTER_GAP_UNITS * (len(text) - 1)


def _place(points: np.ndarray, position: Point, upwards: bool) -> np.ndarray:
    x, y = points[:, 0], points[:, 1]
    turned = np.stack([-y, -x] if upwards else [x, -y], axis=1)
    placed: np.ndarray = turned + np.array(position)
    return placed


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + checksum
