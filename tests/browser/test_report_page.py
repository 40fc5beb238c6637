"""The page of `beholder report` in a real browser; a breach of its own policy is an error there."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from beholder.media.jpeg import to_jpeg
from beholder.reports.html_page import Report, Shot, render_report
from tests.browser.conftest import open_page
from tests.score_factory import make_score
from tests.unit.reports.test_html_page import BLUR, NASTY


@pytest.fixture
def report(browser: Any, tmp_path: Path) -> Iterator[Any]:
    low = dataclasses.replace(make_score([20.0, 30.0], path=NASTY), faults=(BLUR,))
    scores = [make_score([70.0, 72.0], path="b.mp4"), low, make_score([9.0, 9.5], path="c.mp4")]
    jpeg = to_jpeg(np.full((32, 48, 3), 120, np.uint8))
    shot = Shot(caption="worst", jpeg=jpeg, width_px=48, height_px=32)
    page = Report(title="T", model="m@0", results=scores, details=[NASTY], shots={NASTY: [shot]})
    path = tmp_path / "r.html"
    path.write_text(render_report(page), encoding="utf-8")
    yield from open_page(browser, path.as_uri())


def _shown(page: Any) -> list[str]:
    rows = page.locator("#results tbody tr:visible td.file").all_inner_texts()
    return [text.strip() for text in rows]


def test_headings_sort_by_number_and_by_name(report: Any) -> None:
    assert _shown(report) == ["c.mp4", NASTY, "b.mp4"]
    report.get_by_role("button", name="score").click()
    report.get_by_role("button", name="score").click()
    assert _shown(report) == ["b.mp4", NASTY, "c.mp4"]
    assert report.locator("th").first.get_attribute("aria-sort") == "descending"
    report.get_by_role("button", name="file").click()
    assert sorted(_shown(report)) == sorted(["b.mp4", "c.mp4", NASTY])


def test_box_filters_by_every_word(report: Any) -> None:
    report.get_by_label("Filter the table").fill("blur poor")
    assert _shown(report) == [NASTY]
    report.get_by_label("Filter the table").fill("blur excellent")
    assert _shown(report) == []


def test_pictures_inside_the_page_are_shown(report: Any) -> None:
    assert report.locator("img").evaluate("image => image.naturalWidth") == 48
    assert report.evaluate("document.styleSheets.length") == 1


def test_a_page_for_a_phone_does_not_scroll_sideways(report: Any) -> None:
    report.set_viewport_size({"width": 390, "height": 800})
    assert report.evaluate("document.documentElement.scrollWidth") <= 390
