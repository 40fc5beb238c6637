"""A real service and a real browser: skipped where Chromium or playwright is not installed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.page_clips import make_bad, make_good

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


# Closed with its module: playwright's event loop would refuse those of other tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `good.mp4`, `starved.mp4` and `notes.mp4`, which is no video."""
    folder = tmp_path_factory.mktemp("clips")
    make_good(folder / "good.mp4")
    make_bad(folder / "starved.mp4")
    (folder / "notes.mp4").write_text("no video")
    return folder


@pytest.fixture(scope="module")
def address(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a service that runs as its own process."""
    yield from serve(tmp_path_factory.mktemp("state"))


def serve(state: Path, *options: str) -> Iterator[str]:
    """Run `beholder serve` until the generator is closed."""
    command = [sys.executable, "-m", "beholder", "serve", "--port", "0", "--state", str(state)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        try:
            yield service.stdout.readline().split()[2]
        finally:
            service.send_signal(signal.SIGTERM)
        assert service.wait(30) == 0


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The page in a fresh window; errors in its scripts fail the test."""
    yield from open_page(browser, address)


def open_page(browser: Any, address: str, *, quiet: bool = True, **options: Any) -> Iterator[Any]:
    """Open the page in a window of its own and watch for what goes wrong in it.

    A browser writes refused requests into its console; where some are meant, `quiet` is False.
    """
    context = browser.new_context(**options)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    if quiet:
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(20_000)
    page.goto(address)
    yield page
    context.close()
    assert errors == []
