"""Predictions are found again for the same content and model, and for nothing else."""

import os
from pathlib import Path

import pytest

from beholder.errors import DataError, NotFound
from beholder.scoring import predictions
from beholder.scoring.predictions import Prediction, default_cache_folder, open_cache

PREDICTION = Prediction(score=61.25, interval=(50.0, 72.5))
MODEL = "m@0123456789ab"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"first")
    return path


def test_kept_predictions_survive_the_run(tmp_path):
    with open_cache(tmp_path / "deep" / "cache") as cache:
        assert cache.find("aa", MODEL) is None
        cache.keep("aa", MODEL, PREDICTION)
    with open_cache(tmp_path / "deep" / "cache") as cache:
        assert cache.find("aa", MODEL) == PREDICTION
        assert cache.find("ab", MODEL) is None
        assert cache.find("aa", "m@ffffffffffff") is None


def test_prediction_is_safe_without_close(tmp_path):
    stopped = predictions.PredictionCache(tmp_path)
    stopped.keep("aa", MODEL, PREDICTION)
    with open_cache(tmp_path) as cache:
        assert cache.find("aa", MODEL) == PREDICTION
    stopped.close()


def test_another_version_scores_again(tmp_path, monkeypatch):
    with open_cache(tmp_path) as cache:
        cache.keep("aa", MODEL, PREDICTION)
    monkeypatch.setattr(predictions.metadata, "version", lambda name: "99.0")
    with open_cache(tmp_path) as cache:
        assert cache.find("aa", MODEL) is None


def test_hash_follows_the_content(tmp_path, file):
    copy = tmp_path / "copy.png"
    copy.write_bytes(b"first")
    with open_cache(tmp_path / "cache") as cache:
        first = cache.hash_file(file)
        assert first == cache.hash_file(copy)
        assert first.startswith("a7937b64b8ca")  # sha256sum of "first"
        file.write_bytes(b"another")
        assert cache.hash_file(file) != first


def test_known_file_is_not_read_again(tmp_path, file, monkeypatch):
    with open_cache(tmp_path / "cache") as cache:
        first = cache.hash_file(file)
        monkeypatch.setattr(Path, "open", lambda *_: pytest.fail("read the file again"))
        assert cache.hash_file(file) == first


def test_same_size_but_newer_is_read_again(tmp_path, file):
    with open_cache(tmp_path / "cache") as cache:
        first = cache.hash_file(file)
        file.write_bytes(b"First")
        os.utime(file, ns=(1, 1))
        assert cache.hash_file(file) != first


def test_missing_file(tmp_path):
    with (
        open_cache(tmp_path) as cache,
        pytest.raises(NotFound, match=r"a readable file at .*none\.png.*No such file"),
    ):
        cache.hash_file(tmp_path / "none.png")


def test_something_else_in_the_place_of_the_cache(tmp_path):
    (tmp_path / "predictions.sqlite").write_bytes(b"no database at all, only text" * 100)
    message = r"expected a cache of predictions .*not a database.*--cache"
    with pytest.raises(DataError, match=message), open_cache(tmp_path):
        pass


def test_default_folder(monkeypatch):
    monkeypatch.setenv("BEHOLDER_CACHE", "mine")
    assert default_cache_folder() == Path("mine")
    monkeypatch.delenv("BEHOLDER_CACHE")
    monkeypatch.setattr(predictions.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert default_cache_folder() == Path("caches/beholder")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_folder() == Path.home() / ".cache" / "beholder"
    monkeypatch.setattr(predictions.sys, "platform", "darwin")
    assert default_cache_folder() == Path.home() / "Library" / "Caches" / "beholder"
    monkeypatch.setattr(predictions.sys, "platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", "local")
    assert default_cache_folder() == Path("local/beholder/Cache")
