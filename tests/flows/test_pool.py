"""`beholder pool extract` as people run it."""

from __future__ import annotations

import numpy as np

from beholder.pool.store import open_features
from tests.media_factory import make_image
from tests.pool_factory import make_pool


def _extract(run, pool, *more):
    return run(
        "pool", "extract", "--dataset", "biq2021", "--data", "data", "--out", "features",
        "--pool", str(pool), *more,
    )  # fmt: skip


def _data(tmp_path):
    root = tmp_path / "work" / "data"
    (root / "Images").mkdir(parents=True)
    names = {"Train": ["ss01 (1).jpg", "ss02 (2).jpg"], "Test": ["ss03 (3).jpg"]}
    for part, files in names.items():
        lines = [f"{name},0.{number}" for number, name in enumerate(files, 4)]
        (root / f"{part} (Images and MOS).csv").write_text(
            "\n".join(["Image Name,MOS", *lines]), encoding="utf-8"
        )
        for number, name in enumerate(files):
            make_image(root / "Images" / name, np.full((16, 16, 3), 60 * number, np.uint8))
    return root


def test_features_of_a_data_set(run, tmp_path):
    _data(tmp_path)
    pool = make_pool(tmp_path / "pool", {"one": 1.0, "two": 0.5})
    done = _extract(run, pool)
    assert (done.code, done.err) == (0, "")
    assert b"3 of 3 items, 2 models" in done.out
    found = open_features("features")
    assert [row.split for row in found.rows] == ["train", "train", "test"]
    assert found.features("one").shape == (3, 3)
    assert np.load("features/one.npy").dtype == np.float16


def test_a_broken_file_is_told_and_the_others_are_done(run, tmp_path):
    root = _data(tmp_path)
    (root / "Images" / "ss02 (2).jpg").write_bytes(b"not a picture")
    done = _extract(run, make_pool(tmp_path / "pool", {"one": 1.0}), "--dtype", "float32")
    assert done.code == 1
    assert "ss02 (2).jpg" in done.err
    assert "[not_media]" in done.err
    assert len(open_features("features").rows) == 2


def test_any_table_of_files_will_do(run, tmp_path):
    root = _data(tmp_path)
    table = root / "Images" / "mine.csv"
    table.write_text("path,mos\nss01 (1).jpg,2\nss03 (3).jpg,5\nnone.jpg,1\n", encoding="utf-8")
    pool = make_pool(tmp_path / "pool", {"one": 1.0})
    done = run(
        "pool", "extract", "--dataset", "csv", "--data", str(table), "--out", "features",
        "--pool", str(pool), "--mos-range", "1", "5", "--skip-missing",
    )  # fmt: skip
    assert done.code == 0, done.err
    found = open_features("features")
    assert [row.path.as_posix() for row in found.rows] == ["ss01 (1).jpg", "ss03 (3).jpg"]
    np.testing.assert_allclose(found.mos, [0.25, 1.0])


def test_wrong_names_are_wrong_usage(run, tmp_path):
    _data(tmp_path)
    done = _extract(run, "keras:x")
    assert done.code == 2
    assert "[unknown_name]" in done.err
