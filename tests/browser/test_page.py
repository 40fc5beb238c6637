"""The page in a real browser: drop, progress, curve, compare, downloads, errors."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from beholder import Scorer
from beholder.reports.results import to_csv, to_dict
from tests.browser.conftest import open_page, serve

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "page.png"
MAX_PICTURE_BYTES = 300_000
DROP = """
([names, contents]) => {
    const transfer = new DataTransfer();
    names.forEach((name, index) => {
        const bytes = Uint8Array.from(atob(contents[index]), (c) => c.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
    });
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true }));
    }
}
"""


FOCUSED = """
() => (document.activeElement.ariaLabel ?? "") + document.activeElement.textContent.trim()
"""


def _drop(page, *paths):
    contents = [base64.b64encode(path.read_bytes()).decode() for path in paths]
    page.evaluate(DROP, [[path.name for path in paths], contents])


def _pick(page, *paths):
    page.set_input_files("#picker", [str(path) for path in paths])


def _row(page, name):
    return page.locator(".row").filter(has_text=name)


def _wait_for_scores(page, *paths):
    for path in paths:
        _row(page, path.name).locator("progress").wait_for(state="hidden", timeout=60_000)


def _open(page, name):
    page.get_by_role("button", name=re.compile(f"^{re.escape(name)}")).click()


def _seconds(page):
    return page.locator("video").first.evaluate("video => video.currentTime")


@pytest.fixture(scope="session")
def scores(clips):
    scorer = Scorer()
    paths = (clips / "good.mp4", clips / "starved.mp4")
    return {path.name: scorer.score(path, faults=True) for path in paths}


def test_dropped_file_gets_its_score(page, clips, scores):
    _drop(page, clips / "good.mp4")
    _wait_for_scores(page, clips / "good.mp4")
    score = scores["good.mp4"]
    row = _row(page, "good.mp4").inner_text()
    assert f"{score.score:.1f}" in row
    assert f"{score.interval[0]:.1f} to {score.interval[1]:.1f}" in row
    assert score.word in page.locator(".panel").inner_text()
    said = page.get_by_role("status").inner_text(timeout=5000)
    assert said == f"good.mp4: {score.score:.1f}, {score.word}"


def test_progress_is_shown_until_the_score_is_there(page, clips):
    asked = []

    def news(route):
        """Answer once that the file is in work, and break off; then let the service speak."""
        if asked:
            route.continue_()
            return
        asked.append(route.request.url)
        job = {"state": "running", "frames_done": 3, "frames_total": 10, "result": None}
        body = f"event: running\ndata: {json.dumps(job)}\n\n"
        route.fulfill(content_type="text/event-stream", body=body)

    page.route("**/events", news)
    _pick(page, clips / "good.mp4")
    page.get_by_text("Looking at frame 4 of 10").wait_for()
    share = page.get_by_label("Progress of good.mp4").last.evaluate("progress => progress.value")
    assert share == pytest.approx(1 / 3 + 2 / 3 * 0.3)
    _wait_for_scores(page, clips / "good.mp4")
    assert "90 % interval" in _row(page, "good.mp4").inner_text()


def test_worst_moment_is_one_click_away(page, clips, scores):
    _pick(page, clips / "good.mp4")
    _wait_for_scores(page, clips / "good.mp4")
    worst = min(scores["good.mp4"].timeline, key=lambda point: point.score)
    assert 11 <= worst.time_seconds <= 16
    page.get_by_role("button", name="Worst moment").click()
    assert _seconds(page) == pytest.approx(worst.time_seconds, abs=0.05)
    assert page.get_by_role("slider").get_attribute("aria-valuetext").endswith(f"{worst.score:.1f}")


def test_curve_is_drawn_and_moves_the_video(page, clips, scores):
    _pick(page, clips / "good.mp4")
    _wait_for_scores(page, clips / "good.mp4")
    points = page.locator(".curve .line").get_attribute("points").split()
    timeline = scores["good.mp4"].timeline
    assert len(points) == len(timeline) + 2  # it begins and ends at the edges
    heights = [float(point.split(",")[1]) for point in points[1:-1]]
    by_height = sorted(range(len(heights)), key=lambda index: -heights[index])
    by_score = sorted(range(len(timeline)), key=lambda index: timeline[index].score)
    assert by_height == by_score

    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("End")
    assert _seconds(page) == pytest.approx(timeline[-1].time_seconds, abs=0.05)
    slider.press("ArrowLeft")
    assert _seconds(page) == pytest.approx(timeline[-2].time_seconds, abs=0.05)
    box = slider.bounding_box()
    slider.click(position={"x": box["width"] / 4, "y": box["height"] / 2})
    assert _seconds(page) == pytest.approx(6.0, abs=0.2)


def test_faults_are_listed_with_their_worst_moments(page, clips, scores):
    _pick(page, clips / "starved.mp4")
    _wait_for_scores(page, clips / "starved.mp4")
    named = [fault for fault in scores["starved.mp4"].faults if fault.named]
    assert named
    items = page.locator(".faults li")
    assert [text.split("\n")[0].split()[0] for text in items.all_inner_texts()] == [
        fault.name for fault in named
    ]
    with_spans = next(fault for fault in named if fault.spans)
    items.nth(named.index(with_spans)).get_by_role("button").first.click()
    assert _seconds(page) == pytest.approx(with_spans.spans[0].start_seconds, abs=0.05)


def test_two_files_stand_side_by_side_and_move_together(page, clips, scores):
    paths = (clips / "good.mp4", clips / "starved.mp4")
    _drop(page, *paths)
    _wait_for_scores(page, *paths)
    _open(page, "good.mp4")
    page.get_by_label("Compare with").select_option(label="starved.mp4")
    assert page.locator(".panel").count() == 2
    gap = scores["good.mp4"].score - scores["starved.mp4"].score
    verdict = page.locator("#verdict").inner_text()
    assert verdict.startswith(f"good.mp4 scores {gap:.1f} points higher.")
    overlap = scores["good.mp4"].interval[0] <= scores["starved.mp4"].interval[1]
    assert ("The intervals overlap" in verdict) == overlap
    page.get_by_role("button", name="Worst moment").first.click()
    times = page.locator("video").evaluate_all("videos => videos.map((v) => v.currentTime)")
    assert times[0] == times[1] > 0
    page.get_by_label("Compare with").select_option(label="nothing")
    assert page.locator(".panel").count() == 1


def test_broken_file_is_an_error_with_its_reason(page, clips):
    _drop(page, clips / "notes.mp4", clips / "starved.mp4")
    _wait_for_scores(page, clips / "notes.mp4", clips / "starved.mp4")
    assert "expected an image or video" in _row(page, "notes.mp4").inner_text()
    _open(page, "notes.mp4")
    assert "not_media" in page.locator(".panel").inner_text()


def test_file_that_is_too_large_is_not_even_sent(browser, clips, tmp_path):
    big = tmp_path / "big.mp4"
    big.write_bytes(os.urandom(2 * 2**20))
    with _served(browser, tmp_path / "state", "--max-upload-mb", "1") as page:
        page.locator("#limits").filter(has_text="Up to 1 MB").wait_for()
        _drop(page, big)
        _wait_for_scores(page, big)
        assert "expected a file of at most 1 MB, found 2 MB" in _row(page, "big.mp4").inner_text()


def test_token_is_asked_for_once(browser, clips, tmp_path):
    token = "0123456789abcdef"
    with _served(browser, tmp_path / "state", "--token", token, quiet=False) as page:
        page.get_by_label("Bearer token").fill(token)
        page.get_by_role("button", name="Go on").click()
        _drop(page, clips / "starved.mp4")
        _wait_for_scores(page, clips / "starved.mp4")
        assert "poor" in _row(page, "starved.mp4").inner_text()


def test_downloads_are_those_of_the_command(page, clips, scores):
    paths = (clips / "good.mp4", clips / "starved.mp4", clips / "notes.mp4")
    _drop(page, *paths)
    _wait_for_scores(page, *paths)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download JSON").click()
    data = json.loads(Path(download.value.path()).read_text())
    assert data["schema"] == 1
    assert data["model"] == scores["good.mp4"].model
    for found, name in zip(data["results"], ("good.mp4", "starved.mp4"), strict=False):
        assert found == {**to_dict(scores[name], timeline=True), "path": name}
    with page.expect_download() as download:
        page.get_by_role("button", name="Download CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert list(rows[0]) == next(csv.reader([to_csv([]).strip()]))
    assert float(rows[0]["score"]) == scores["good.mp4"].score
    assert [row["error"] for row in rows] == ["", "", "not_media"]


def test_keyboard_alone_reaches_everything(page, clips):
    _pick(page, clips / "starved.mp4")
    _wait_for_scores(page, clips / "starved.mp4")
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    order = ["Skip to the files", "Download JSON", "Download CSV", "starved.mp4", "Remove starved"]
    places = [next(i for i, text in enumerate(reached) if text.startswith(name)) for name in order]
    assert places == sorted(places)
    assert any(text.startswith("Score over time") for text in reached)
    page.get_by_role("button", name="Remove starved.mp4").press("Enter")
    assert page.locator(".row").count() == 0
    assert page.locator("#files").is_hidden()
    assert page.get_by_role("status").inner_text() == "starved.mp4 removed"


def test_picture_has_a_score_and_no_curve(page, tmp_path):
    from tests.media_factory import make_image

    picture = make_image(tmp_path / "picture.png", (320, 200))
    _drop(page, picture)
    _wait_for_scores(page, picture)
    assert page.locator(".panel img").count() == 1
    assert page.locator(".curve").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(browser, address, clips, scheme):
    """WCAG AA: at least 4.5 between a text and what lies under it."""
    for page in open_page(browser, address, color_scheme=scheme):
        _drop(page, clips / "starved.mp4", clips / "notes.mp4")
        _wait_for_scores(page, clips / "starved.mp4", clips / "notes.mp4")
        for pair in page.evaluate(CONTRASTS):
            assert _contrast(pair["ink"], pair["ground"]) >= 4.5, pair


CONTRASTS = """
() => {
    const opaque = (element) => {
        for (let at = element; at; at = at.parentElement) {
            const color = getComputedStyle(at).backgroundColor;
            if (!color.endsWith(", 0)")) return color;
        }
    };
    const texts = document.querySelectorAll("h1, h2, h3, p, span, dt, dd, label, button, footer");
    return [...texts]
        .filter((e) => e.textContent.trim() && e.checkVisibility())
        .filter((e) => !e.closest(".stage, :disabled"))
        .map((e) => ({ text: e.textContent, ink: getComputedStyle(e).color, ground: opaque(e) }));
}
"""


def _contrast(ink, ground):
    light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color):
    channels = [int(value) / 255 for value in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_phone_needs_no_sideways_scrolling(browser, address, clips):
    for page in open_page(browser, address, viewport={"width": 360, "height": 740}):
        _drop(page, clips / "good.mp4", clips / "starved.mp4")
        _wait_for_scores(page, clips / "good.mp4", clips / "starved.mp4")
        _open(page, "good.mp4")
        page.get_by_label("Compare with").select_option(label="starved.mp4")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_picture_for_the_manual(browser, address, clips, tmp_path):
    """Makes docs/page.png when BEHOLDER_DRAW_PAGE is set; else only checks that it can."""
    target = PICTURE if os.environ.get("BEHOLDER_DRAW_PAGE") else tmp_path / "page.png"
    for page in open_page(browser, address, viewport={"width": 1000, "height": 930}):
        _drop(page, clips / "good.mp4", clips / "starved.mp4")
        _wait_for_scores(page, clips / "good.mp4", clips / "starved.mp4")
        _open(page, "good.mp4")
        page.get_by_role("button", name="Worst moment").click()
        page.mouse.move(0, 0)
        page.locator("video").evaluate(PAINTED)
        page.wait_for_timeout(200)
        page.screenshot(path=target)
    assert target.stat().st_size < MAX_PICTURE_BYTES


PAINTED = """
(video) => new Promise((resolve) => {
    const wait = () => (video.seeking ? setTimeout(wait, 50) : setTimeout(resolve, 300));
    wait();
})
"""


@contextmanager
def _served(browser, state, *options, quiet=True):
    """The page of a service with options of its own; `quiet` fails on errors in the console."""
    address = serve(state, *options)
    pages = open_page(browser, next(address), quiet=quiet)
    yield next(pages)
    assert next(pages, None) is None
    assert next(address, None) is None
