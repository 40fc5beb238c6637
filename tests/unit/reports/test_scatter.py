"""The picture shows a panel for each model, with dots, and a curve where there is a fit."""

import struct
import zlib

import numpy as np
import pytest

from beholder.errors import UsageError
from beholder.reports import scatter
from beholder.reports.scatter import Cloud, draw_scatter

MOS = np.linspace(1, 5, 40)


def _pixels(png):
    width, height = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT") + 4
    size = struct.unpack(">I", png[start - 8 : start - 4])[0]
    rows = np.frombuffer(zlib.decompress(png[start : start + size]), np.uint8)
    return rows.reshape(height, 1 + 3 * width)[:, 1:].reshape(height, width, 3)


def _count(pixels, color):
    return int(np.all(pixels == color, axis=-1).sum())


def test_dots_and_curve():
    pixels = _pixels(draw_scatter([Cloud(name="one", predicted=MOS**2, mos=MOS)], title="t"))
    assert pixels.shape == (590, 520, 3)
    assert _count(pixels, scatter._CURVE) > 300
    assert _count(pixels, scatter._DOT) > 100


def test_a_flat_model_has_dots_but_no_curve():
    cloud = Cloud(name="flat", predicted=np.ones(40), mos=MOS)
    pixels = _pixels(draw_scatter([cloud], title="t"))
    assert _count(pixels, scatter._CURVE) == 0
    assert _count(pixels, scatter._DOT) > 100


def test_three_panels_in_a_row_then_the_next():
    clouds = [Cloud(name=str(index), predicted=MOS, mos=MOS) for index in range(4)]
    assert _pixels(draw_scatter(clouds, title="t")).shape == (70 + 2 * 520, 3 * 520, 3)


def test_many_items_are_thinned(monkeypatch):
    drawn = []
    monkeypatch.setattr(scatter.Canvas, "line", lambda self, points, **_: drawn.append(len(points)))
    many = np.linspace(0, 1, 3 * scatter.MAX_DOTS)
    draw_scatter([Cloud(name="many", predicted=np.ones_like(many), mos=many)], title="t")
    assert drawn.count(1) == 2 * scatter.MAX_DOTS


@pytest.mark.parametrize("number", [0, 13])
def test_too_many_panels(number):
    clouds = [Cloud(name="one", predicted=MOS, mos=MOS)] * number
    with pytest.raises(UsageError, match=f"1 to 12 models in a picture, found {number}"):
        draw_scatter(clouds, title="t")


def test_ticks_are_round_and_inside():
    assert scatter._ticks((-0.1, 1.1)) == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert scatter._ticks((-104, -2)) == [-100, -80, -60, -40, -20]
    assert scatter._ticks((0.9, 5.1)) == [1, 2, 3, 4, 5]
