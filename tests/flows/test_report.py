"""`beholder report`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from beholder.app.look import decode_look
from beholder.media import probe
from beholder.media.jpeg import to_jpeg
from tests.flows.conftest import Run
from tests.media_factory import make_image, make_video, read_frame_number


def _write(run: Run, *arguments: str) -> tuple[int, str]:
    outcome = run("report", *arguments, "--model", "../m.onnx", "--output", "r.html")
    return outcome.code, Path("r.html").read_text("utf-8")


def test_page_of_a_folder(run: Run) -> None:
    Path("in").mkdir()
    for crf in (20, 35, 50):
        make_video(f"in/a_x264_crf{crf}.mp4", num_frames=20, options={"crf": str(crf)})
    make_image("in/p.png", (96, 64))
    Path("in/bad.mp4").write_text("no video", encoding="utf-8")
    code, page = _write(run, "in", "--title", "Mine")
    assert code == 1
    assert "<h1>Mine</h1>" in page
    assert page.count("data:image/jpeg;base64,") == 3 * 2 + 1
    assert ">Ladders</h2>" in page
    assert "in/bad.mp4</td>" in page
    assert 'id="file-4"' in page


def test_details_are_bounded(run: Run) -> None:
    for name in ("a.png", "b.png", "c.png"):
        make_image(name, (96, 64))
    code, page = _write(run, "a.png", "b.png", "c.png", "--details", "1")
    assert code == 0
    assert page.count("data:image/jpeg") == 1
    assert "The 1 lowest scores" in page


def test_two_runs_give_the_same_bytes(run: Run) -> None:
    make_video("a.mp4", num_frames=20)
    assert _write(run, "a.mp4") == _write(run, "a.mp4")


def test_a_look_is_found_again_by_its_rounded_time(run: Run) -> None:
    make_video("v.mp4", num_frames=90, fps=30)
    info = probe("v.mp4")
    found = [decode_look(info, round(number / 30, 3)) for number in (1, 2, 40, 89)]
    assert [read_frame_number(pixels) for pixels in found] == [1, 2, 40, 89]


@pytest.mark.parametrize("size", [(1, 1), (7, 9), (32, 48)])
def test_thumbnails_are_jpeg_of_any_size(size: tuple[int, int]) -> None:
    data = to_jpeg(np.full((*size, 3), 200, np.uint8))
    assert data.startswith(b"\xff\xd8\xff")
    assert data.endswith(b"\xff\xd9")
