from __future__ import annotations

import io

import av
import numpy as np
import pytest

from beholder.errors import UsageError
from beholder.reports.canvas import Canvas
from beholder.reports.rate_curve import RatePoint, draw_rate_curve

BLACK = (0, 0, 0)


def _read(png: bytes) -> np.ndarray:
    with av.open(io.BytesIO(png)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")


def test_png_is_what_was_drawn() -> None:
    canvas = Canvas(31, 17, color=(1, 2, 3))
    canvas.fill((4, 5), (9, 7), color=(250, 128, 0))
    expected = np.full((17, 31, 3), (1, 2, 3), np.uint8)
    expected[5:7, 4:9] = (250, 128, 0)
    np.testing.assert_array_equal(_read(canvas.to_png()), expected)


def test_line_covers_its_area_smoothly() -> None:
    canvas = Canvas(60, 40)
    canvas.line([(10, 10), (50, 30)], width_px=4, color=BLACK)
    ink = (255 - _read(canvas.to_png())[..., 0].astype(float)) / 255
    length = np.hypot(40, 20)
    assert ink.sum() == pytest.approx(length * 4 + np.pi * 2**2, rel=0.02)
    assert ((ink > 0.05) & (ink < 0.95)).any()


def test_crossing_strokes_of_one_line_are_not_darker() -> None:
    canvas = Canvas(40, 40)
    canvas.line([(5, 20), (35, 20), (20, 5), (20, 35)], width_px=3, color=(100, 100, 100))
    assert _read(canvas.to_png()).min() == 100


def test_drawing_outside_is_cut_off() -> None:
    canvas = Canvas(20, 20)
    canvas.line([(-50, 10), (90, 10)], width_px=2, color=BLACK)
    canvas.line([(-50, -50)], width_px=8, color=BLACK)
    canvas.text((15, 15), "far", size_px=12, color=BLACK)
    assert _read(canvas.to_png()).shape == (20, 20, 3)


def _ink_box(text: str, **options: object) -> tuple[int, int, int, int]:
    canvas = Canvas(200, 200)
    canvas.text((100, 100), text, size_px=24, color=BLACK, **options)  # type: ignore[arg-type]
    rows, columns = np.nonzero(_read(canvas.to_png())[..., 0] < 128)
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_text_stands_at_its_anchor() -> None:
    top, bottom, left, right = _ink_box("HH")
    assert (top, bottom, left) == pytest.approx((76, 100, 100), abs=2)
    assert _ink_box("HH", anchor=1.0)[3] == pytest.approx(100, abs=2)
    centred = _ink_box("HH", anchor=0.5)
    assert centred[2] + centred[3] == pytest.approx(200, abs=2)
    upwards = _ink_box("HH", upwards=True)
    assert upwards[1] - upwards[0] == pytest.approx(right - left, abs=1)
    assert upwards[3] == pytest.approx(100, abs=2)


def test_every_sign_differs_and_an_unknown_one_shows() -> None:
    signs = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,:-/()%\u2603"
    pictures = set()
    for sign in signs:
        canvas = Canvas(40, 40)
        canvas.text((5, 30), sign, size_px=20, color=BLACK)
        pictures.add(canvas.to_png())
    assert len(pictures) == len(signs)
    assert Canvas(40, 40).to_png() not in pictures


def test_curve_goes_through_its_points() -> None:
    png = draw_rate_curve({"one": [RatePoint(100, 50), RatePoint(400, 50)]}, title="t")
    picture = _read(png)
    assert picture.shape == (750, 1200, 3)
    blue = (picture == (0, 114, 178)).all(axis=-1)
    line = np.nonzero(blue[:, 580])[0]
    assert line.mean() == pytest.approx((110 + 640) / 2, abs=1)
    assert draw_rate_curve({"one": [RatePoint(400, 50), RatePoint(100, 50)]}, title="t") == png


@pytest.mark.parametrize("curves", [{}, {"a": [RatePoint(0.0, 5.0)]}])
def test_curve_without_rates_is_refused(curves: dict[str, list[RatePoint]]) -> None:
    with pytest.raises(UsageError, match="expected 1 to 6 curves with rates above 0, found"):
        draw_rate_curve(curves, title="t")
