"""Extraction: right numbers, one decode, nothing done twice, nothing stale kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from beholder.datasets.rows import Row
from beholder.errors import DataError, ModelError, UsageError
from beholder.pool import extract as room
from beholder.pool.entry import InputSpec, PoolEntry
from beholder.pool.extract import ExtractSettings, Items, extract
from beholder.pool.load import load_model
from beholder.pool.names import read_pool
from beholder.pool.store import open_features, read_facts
from tests.media_factory import make_image, make_video
from tests.pool_factory import make_frozen, make_pool

NAMES = ["a.png", "b.png", "c.png", "d.png", "e.png"]


def _picture(level: int) -> np.ndarray:
    return np.full((20, 30, 3), (level, level + 1, level + 2), np.uint8)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        make_image(folder / name, _picture(10 * number))
    return folder


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often each file is decoded."""
    counts: Counter[str] = Counter()
    real = room.prepare_file

    def prepare_file(path, specs, *, num_frames):
        counts[path.name] += 1
        return real(path, specs, num_frames=num_frames)

    monkeypatch.setattr(room, "prepare_file", prepare_file)
    return counts


def _items(data: Path, names: list[str] | None = None) -> Items:
    rows = [Row(path=data / name, mos=0.5, content_id=name) for name in names or NAMES]
    return Items(dataset="some", root=data, rows=rows)


def _run(items: Items, pool: Path, out: Path, **settings):
    progress = settings.pop("progress", lambda *_: None)
    models = [load_model(entry) for entry in read_pool(pool)]
    chosen = ExtractSettings(**{"dtype": "float32", "batch": 2, **settings})
    return extract(items, models, out=out, settings=chosen, progress=progress)


def _expected(numbers: list[int], gain: float) -> np.ndarray:
    return np.float32([[10 * n, 10 * n + 1, 10 * n + 2] for n in numbers]) * np.float32(gain)


@pytest.mark.parametrize("jobs", [1, 3])
def test_features_of_all_models_after_one_decode(data, tmp_path, decoded, jobs):
    pool = make_pool(tmp_path / "pool", {"one": 1.0, "two": 2.0})
    assert _run(_items(data), pool, tmp_path / "out", jobs=jobs) == []
    found = open_features(tmp_path / "out")
    assert found.names == ("one", "two")
    assert [row.path.as_posix() for row in found.rows] == NAMES
    np.testing.assert_allclose(found.features("one"), _expected([0, 1, 2, 3, 4], 1), atol=1e-4)
    np.testing.assert_allclose(found.features("two"), _expected([0, 1, 2, 3, 4], 2), atol=1e-4)
    assert decoded == dict.fromkeys(NAMES, 1)
    facts = read_facts(tmp_path / "out")
    assert facts.entries[0].features == 3
    assert facts.entries[0].pretext == "task of one"


def test_nothing_is_done_twice(data, tmp_path, decoded):
    pool = make_pool(tmp_path / "pool", {"one": 1.0})
    _run(_items(data), pool, tmp_path / "out")
    _run(_items(data), pool, tmp_path / "out")
    assert decoded == dict.fromkeys(NAMES, 1)


def test_a_stopped_extraction_goes_on(data, tmp_path, decoded):
    pool = make_pool(tmp_path / "pool", {"one": 1.0})

    def stop(stage: str, done: int, _: int) -> None:
        if stage == "Features" and done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(_items(data), pool, tmp_path / "out", progress=stop)
    with pytest.raises(DataError, match="run the same command again"):
        open_features(tmp_path / "out")
    decoded.clear()
    _run(_items(data), pool, tmp_path / "out")
    assert "a.png" not in decoded
    assert "e.png" in decoded
    np.testing.assert_allclose(
        open_features(tmp_path / "out").features("one"), _expected([0, 1, 2, 3, 4], 1), atol=1e-4
    )


def test_a_changed_file_is_done_again(data, tmp_path, decoded):
    pool = make_pool(tmp_path / "pool", {"one": 1.0})
    _run(_items(data), pool, tmp_path / "out")
    make_image(data / "c.png", _picture(100))
    decoded.clear()
    _run(_items(data), pool, tmp_path / "out")
    assert decoded == {"c.png": 1}
    found = open_features(tmp_path / "out").features("one")
    np.testing.assert_allclose(found, _expected([0, 1, 10, 3, 4], 1), atol=1e-4)


def test_a_changed_model_is_run_again_and_a_new_one_added(data, tmp_path):
    pool = make_pool(tmp_path / "pool", {"one": 1.0})
    _run(_items(data), pool, tmp_path / "out")
    pool = make_pool(tmp_path / "pool", {"new": 3.0, "one": 2.0})
    _run(_items(data), pool, tmp_path / "out")
    found = open_features(tmp_path / "out")
    np.testing.assert_allclose(found.features("one"), _expected([0, 1, 2, 3, 4], 2), atol=1e-4)
    np.testing.assert_allclose(found.features("new"), _expected([0, 1, 2, 3, 4], 3), atol=1e-4)


def test_other_items_keep_what_is_known(data, tmp_path, decoded):
    pool = make_pool(tmp_path / "pool", {"one": 1.0})
    _run(_items(data, NAMES[:3]), pool, tmp_path / "out")
    decoded.clear()
    _run(_items(data, ["e.png", "c.png", "a.png"]), pool, tmp_path / "out")
    assert decoded == {"e.png": 1}
    found = open_features(tmp_path / "out").features("one")
    np.testing.assert_allclose(found, _expected([4, 2, 0], 1), atol=1e-4)


def test_models_of_the_folder_must_be_asked_for(data, tmp_path):
    _run(_items(data), make_pool(tmp_path / "pool", {"one": 1.0, "two": 1.0}), tmp_path / "out")
    with pytest.raises(UsageError, match="asked for again, two were not; name them too"):
        _run(_items(data), make_pool(tmp_path / "pool", {"one": 1.0}), tmp_path / "out")


def test_files_without_features_are_reported_and_left_out(data, tmp_path):
    (data / "b.png").write_bytes(b"no picture")
    (data / "d.png").unlink()
    pool = make_pool(tmp_path / "pool", {"one": 1.0})
    failures = _run(_items(data), pool, tmp_path / "out")
    assert [(Path(f.path).name, f.error) for f in failures] == [
        ("b.png", "not_media"),
        ("d.png", "not_found"),
    ]
    found = open_features(tmp_path / "out")
    np.testing.assert_allclose(found.features("one"), _expected([0, 2, 4], 1), atol=1e-4)
    make_image(data / "b.png", _picture(10))
    make_image(data / "d.png", _picture(30))
    assert _run(_items(data), pool, tmp_path / "out") == []
    found = open_features(tmp_path / "out").features("one")
    np.testing.assert_allclose(found, _expected([0, 1, 2, 3, 4], 1), atol=1e-4)


def test_numbers_too_large_for_the_type_are_reported(data, tmp_path):
    pool = make_pool(tmp_path / "pool", {"one": 3000.0})
    failures = _run(_items(data), pool, tmp_path / "out", dtype="float16")
    assert [Path(f.path).name for f in failures] == ["c.png", "d.png", "e.png"]
    assert "choose --dtype float32" in failures[0].message
    assert _run(_items(data), pool, tmp_path / "out", dtype="float32") == []


def test_videos_are_averaged_over_frames_or_seen_as_one_clip(tmp_path):
    pictures = [np.full((32, 32, 3), 20 * number, np.uint8) for number in range(10)]
    data = tmp_path / "data"
    data.mkdir()
    make_video(
        data / "v.mkv",
        codec="ffv1",
        pixel_format="bgr0",
        width=32,
        height=32,
        fps=10,
        pictures=pictures,
    )
    make_image(data / "i.png", pictures[3])
    pool = make_pool(tmp_path / "pool", {"one": 1.0})
    _run(_items(data, ["v.mkv", "i.png"]), pool, tmp_path / "out", num_frames=5)
    found = open_features(tmp_path / "out").features("one")
    # Five slices of two frames each: the second of each is on screen at the middle.
    np.testing.assert_allclose(found[:, 0], [np.mean([20, 60, 100, 140, 180]), 60], atol=1e-3)


def test_a_model_that_does_not_fit_its_entry_is_refused(tmp_path):
    path = make_frozen(tmp_path / "m.onnx")
    spec = InputSpec(fit="squash", size_px=8, pixels="uint8")
    entry = PoolEntry(name="m", kind="onnx", model=str(path), input=spec, features=4)
    with pytest.raises(ModelError, match=r"expected 4 finite features .* found \[1, 3\]"):
        load_model(entry)
    wrong = InputSpec(fit="squash", size_px=9, pixels="uint8")
    with pytest.raises(ModelError, match="expected 'm' to accept uint8"):
        load_model(PoolEntry(name="m", kind="onnx", model=str(path), input=wrong))
    with pytest.raises(ModelError, match="--weights m=FILE"):
        load_model(PoolEntry(name="m", kind="onnx", model=str(tmp_path / "none.onnx")))
    (tmp_path / "bad.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="expected an ONNX file at"):
        load_model(PoolEntry(name="m", kind="onnx", model=str(tmp_path / "bad.onnx")))


def test_the_input_of_a_bare_file_is_read_from_it(tmp_path):
    model = load_model(
        PoolEntry(name="m", kind="onnx", model=str(make_frozen(tmp_path / "m.onnx")))
    )
    assert model.spec == InputSpec(fit="squash", size_px=8, pixels="uint8")
