"""Which files a command line stands for, and that each ends as a result."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.flows.conftest import Run
from tests.media_factory import make_image

NAMES = ["a b.png", "quote'\".png", "line\nbreak.png", "-dash.png", "100%d.png", "c:d.png", "ü.png"]


def _paths(results: list[dict[str, str]]) -> list[str]:
    return [result["path"] for result in results]


def test_order_is_that_of_the_arguments(score: Run, pictures: list[str]) -> None:
    outcome = score("c.png", "none.png", "a.png", "b.png", "--jobs", "3")
    assert _paths(outcome.results) == ["c.png", "none.png", "a.png", "b.png"]
    assert [r["width_px"] for r in outcome.results if r["status"] == "ok"] == [96, 32, 64]


def test_folders_are_walked_in_order(score: Run, pictures: list[str]) -> None:
    for name in ("z/2.PNG", "z/1.jpg", "z/deep/0.png", "z/.hidden.png", "z/notes.txt"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        make_image(name, (32, 32), codec="png", pixel_format="rgb24")
    expected = ["z/1.jpg", "z/2.PNG", str(Path("z/deep/0.png"))]
    assert _paths(score("z", "a.png").results) == [*expected, "a.png"]


def test_folder_without_media_is_an_error(score: Run, pictures: list[str]) -> None:
    Path("empty").mkdir()
    Path("empty/notes.txt").write_text("x")
    outcome = score("empty", "a.png")
    assert outcome.code == 1
    assert [r.get("error") for r in outcome.results] == ["no_media", None]
    assert "images or videos in the folder 'empty'" in outcome.results[0]["message"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read all")
def test_closed_folder_is_an_error(score: Run, pictures: list[str]) -> None:
    Path("closed").mkdir(mode=0)
    outcome = score(".")
    assert _paths(outcome.results) == ["./a.png", "./b.png", "./c.png", "./closed"]
    assert outcome.results[-1]["error"] == "no_permission"


def test_patterns_are_expanded(score: Run, pictures: list[str]) -> None:
    Path("x/y").mkdir(parents=True)
    make_image("x/y/d.png", (32, 32))
    assert _paths(score("[ab].png").results) == ["a.png", "b.png"]
    assert _paths(score("**/*.png").results) == [*pictures, "x/y/d.png"]
    nothing = score("*.mp4")
    assert nothing.code == 1
    assert nothing.results[0]["error"] == "no_media"


def test_file_named_like_a_pattern_wins(score: Run, pictures: list[str]) -> None:
    make_image("[ab].png", (160, 32))
    results = score("[ab].png").results
    assert _paths(results) == ["[ab].png"]
    assert results[0]["width_px"] == 160


@pytest.mark.parametrize("separator", [b"\n", b"\r\n", b"\0"])
def test_list_on_standard_input(score: Run, pictures: list[str], separator: bytes) -> None:
    names = [b"c.png", b"[ab].png", b"a.png"]
    outcome = score("b.png", "-", stdin=separator.join(names) + separator)
    assert _paths(outcome.results) == ["b.png", "c.png", "[ab].png", "a.png"]
    # A name in a list is a name, never a pattern.
    assert outcome.results[2]["error"] == "not_found"


def test_empty_list_is_an_error(score: Run) -> None:
    outcome = score("-", stdin=b"\n")
    assert outcome.code == 1
    assert outcome.results[0]["error"] == "no_media"
    assert "names on standard input, found none" in outcome.results[0]["message"]


@pytest.mark.skipif(sys.platform == "win32", reason="such names are not allowed there")
@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_a_name(score: Run, name: str) -> None:
    make_image("plain.png", (32, 32))
    Path("plain.png").rename(name)
    outcome = score("--", name)
    assert (outcome.code, _paths(outcome.results)) == (0, [name])
    listed = score("-", stdin=name.encode() + b"\0")
    assert _paths(listed.results) == [name]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow only Unicode names")
def test_name_that_is_no_text(score: Run) -> None:
    make_image("plain.png", (32, 32))
    Path("plain.png").rename(os.fsdecode(b"\xff\n.png"))
    assert score(".").results[0]["path"] == "./\udcff\n.png"
    assert b"./\\udcff\\n.png" in score(".", "--format", "table").out
    assert b'"./\xff\n.png",ok' in score(".", "--format", "csv").out


def test_bad_inputs_do_not_stop_the_others(score: Run, pictures: list[str]) -> None:
    Path("empty.mp4").touch()
    Path("text.mp4").write_text("words, no film\n" * 50)
    os.mkfifo("pipe.mp4")
    outcome = score("empty.mp4", "text.mp4", "pipe.mp4", "none.mp4", "/dev/null", "a.png")
    assert outcome.code == 1
    codes = [result.get("error") for result in outcome.results]
    assert codes == ["empty_file", "not_media", "not_a_file", "not_found", "not_a_file", None]
    assert all(", found " in result.get("message", ", found ") for result in outcome.results)


def test_defect_in_one_file_is_reported(
    score: Run, pictures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from beholder.scoring import Scorer

    good = Scorer.score

    def broken(self: Scorer, path: str, **options: Any) -> object:
        if path == "b.png":
            raise RuntimeError("boom")
        return good(self, path, **options)

    monkeypatch.setattr(Scorer, "score", broken)
    outcome = score(*pictures)
    assert outcome.code == 1
    assert [result["status"] for result in outcome.results] == ["ok", "error", "ok"]
    assert outcome.results[1]["error"] == "internal"
    assert outcome.results[1]["message"].startswith("RuntimeError: boom; this is a defect")
