"""`beholder score --heat-map`."""

from __future__ import annotations

from pathlib import Path

from beholder.media import probe
from tests.flows.conftest import Run
from tests.media_factory import make_image, make_video


def test_map_of_a_picture_and_of_a_video(score: Run) -> None:
    make_image("p.png", (320, 256))
    make_video("v.mp4", width=320, height=256)
    for name in ("p.png", "v.mp4"):
        assert score(name, "--heat-map", "map.png").code == 0
        info = probe("map.png")
        assert (info.width_px, info.codec) == (320, "png")
        Path("map.png").unlink()


def test_several_files_are_refused_before_any_work(score: Run) -> None:
    outcome = score("none.png", "other.png", "--heat-map", "map.png")
    assert outcome.code == 2
    assert "expected one file with --heat-map, found 2" in outcome.err


def test_failed_file_has_no_map(score: Run) -> None:
    assert score("none.png", "--heat-map", "map.png").code == 1
    assert not Path("map.png").exists()
