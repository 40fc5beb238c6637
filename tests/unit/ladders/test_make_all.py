"""A set of ladders goes on where it stopped, and neither order nor jobs change a byte of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from beholder.errors import DataError
from beholder.ladders import make_all
from beholder.ladders.encode import write_lossless
from beholder.ladders.make_all import LadderSettings, make_ladders
from beholder.ladders.manifest import read_manifest
from beholder.ladders.pack import read_packs
from beholder.ladders.sources import find_sources
from tests.unit.ladders.test_make import textured_frames

SMALL = LadderSettings(num_frames=2, num_rungs=2, with_vmaf=False)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    for name, turns in (("a", 0), ("b", 2)):
        frames = [np.ascontiguousarray(np.rot90(f, turns)) for f in textured_frames(2)]
        write_lossless(frames, folder / f"{name}.mkv", fps=25)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_jobs_and_order_change_no_byte(sources: Path, tmp_path: Path) -> None:
    found = find_sources(sources)
    one, two = tmp_path / "one", tmp_path / "two"
    assert [m.content_id for m in make_ladders(found, one, settings=SMALL)] == ["a", "b"]
    made = list(make_ladders(found[::-1], two, settings=SMALL, jobs=2))
    assert {m.content_id for m in made} == {"a", "b"}
    assert len(files(one)) == 1 + 2 * 9
    assert files(one) == files(two)


def test_a_stopped_run_goes_on(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, out = find_sources(sources), tmp_path / "out"
    first = next(make_ladders(found, out, settings=SMALL))
    assert {rung.content_id for rung in read_manifest(out)} == {"a"}
    asked = []
    real = make_all.read_source
    monkeypatch.setattr(make_all, "read_source", lambda s, **o: asked.append(s) or real(s, **o))
    again = list(make_ladders(found, out, settings=SMALL))
    assert [source.content_id for source in asked] == ["b"]
    assert again[0] == first
    assert read_manifest(out) == [*again[0].rungs, *again[1].rungs]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_broken_content_does_not_stop_the_others(
    jobs: int, sources: Path, tmp_path: Path
) -> None:
    (sources / "a.mkv").write_bytes(b"broken")
    made = list(make_ladders(find_sources(sources), tmp_path / "o", settings=SMALL, jobs=jobs))
    by_name = {m.content_id: m for m in made}
    assert isinstance(by_name["a"].error, DataError)
    assert by_name["a"].rungs == ()
    assert len(by_name["b"].rungs) == 9
    assert {rung.content_id for rung in read_manifest(tmp_path / "o")} == {"b"}


def test_packs_are_made_of_known_contents_too(sources: Path, tmp_path: Path) -> None:
    (sources / "b.mkv").unlink()
    found = find_sources(sources)
    settings = LadderSettings(num_frames=2, num_rungs=2)
    list(make_ladders(found, tmp_path / "o", settings=settings))
    packed = LadderSettings(num_frames=2, num_rungs=2, pack_dir=tmp_path / "p")
    list(make_ladders(found, tmp_path / "o", settings=packed))
    assert read_packs(tmp_path / "p")[0].frames.shape == (9, 2, 128, 192, 3)
