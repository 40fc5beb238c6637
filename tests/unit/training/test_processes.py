"""Which process this is, and what only the first one does."""

import threading

import pytest

from beholder.training import processes


def test_alone_without_torchrun(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert (processes.rank(), processes.count(), processes.count_here()) == (0, 1, 1)


def test_what_torchrun_tells(monkeypatch):
    for name, value in (("RANK", "5"), ("WORLD_SIZE", "8"), ("LOCAL_WORLD_SIZE", "4")):
        monkeypatch.setenv(name, value)
    assert (processes.rank(), processes.count(), processes.count_here()) == (5, 8, 4)


def test_the_first_makes_once(monkeypatch, tmp_path):
    monkeypatch.setenv("RANK", "0")
    path, made = tmp_path / "file", []
    for _ in range(2):
        processes.make_once(path, lambda: made.append(path.write_text("whole")))
    assert len(made) == 1


def test_the_others_wait(monkeypatch, tmp_path):
    monkeypatch.setenv("RANK", "1")
    path = tmp_path / "file"
    first = threading.Timer(0.1, path.write_text, ["whole"])
    first.start()
    processes.make_once(path, pytest.fail)
    assert path.read_text() == "whole"
    first.join()
