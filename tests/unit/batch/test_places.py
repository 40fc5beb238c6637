"""Names of files, and copies of those that lie elsewhere."""

import os
import sys
from pathlib import Path

import pytest

from beholder.batch.places import as_text, full_name, is_url, on_this_machine, open_storage
from beholder.errors import MissingExtra, NoPermission, NotFound, Unreachable, UsageError

fsspec = pytest.importorskip("fsspec", reason="needs the extra batch")


@pytest.fixture
def bucket():
    storage = fsspec.filesystem("memory")
    storage.pipe_file("/bucket/a.png", b"picture")
    yield storage
    storage.rm("/bucket", recursive=True)


@pytest.mark.parametrize(
    ("name", "root", "expected"),
    [
        ("/d/a.mp4", "/elsewhere", "/d/a.mp4"),
        ("a.mp4", "/d", "/d/a.mp4"),
        ("./x/../a.mp4", "/d/", "/d/a.mp4"),
        ("file:///d/a b%20.mp4", "/elsewhere", "/d/a b%20.mp4"),
        ("a.mp4", "file:///d", "/d/a.mp4"),
        ("s3://b/a.mp4", "/d", "s3://b/a.mp4"),
        ("v/a.mp4", "s3://b/x/", "s3://b/x/v/a.mp4"),
        ("/d/a.mp4", "s3://b", "/d/a.mp4"),
    ],
)
def test_a_file_has_one_name(name, root, expected):
    assert full_name(name, root=root) == expected


def test_a_relative_name_is_meant_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert full_name("a.mp4", root=".") == str(tmp_path / "a.mp4")


def test_a_name_that_is_no_text_is_written_as_text():
    assert as_text(os.fsdecode(b"/d/\xff\xc3\xa9.png")) == "/d/\\xffé.png"


def test_a_path_is_given_as_it_is(tmp_path):
    with on_this_machine(str(tmp_path / "missing.png")) as path:
        assert path == str(tmp_path / "missing.png")


def test_a_file_of_a_storage_is_fetched_and_removed(bucket):
    with on_this_machine("memory://bucket/a.png") as path:
        copy = Path(path)
        assert copy.suffix == ".png"
        assert copy.read_bytes() == b"picture"
    assert not copy.parent.exists()


def test_a_file_that_is_not_in_the_storage(bucket):
    with (
        pytest.raises(NotFound, match="expected a file at 'memory://bucket/b.png', found nothing"),
        on_this_machine("memory://bucket/b.png"),
    ):
        pass


@pytest.mark.parametrize(
    ("raised", "expected", "text"),
    [
        (PermissionError("no key"), NoPermission, "the storage refused: no key; check the cred"),
        (TimeoutError("slow"), Unreachable, "found TimeoutError: slow; try again later"),
    ],
)
def test_a_storage_that_does_not_hand_over(bucket, monkeypatch, raised, expected, text):
    def fail(*_):
        raise raised

    monkeypatch.setattr(type(bucket), "get_file", fail)
    with pytest.raises(expected, match=text), on_this_machine("memory://bucket/a.png"):
        pass


def test_an_unknown_protocol():
    assert is_url("nowhere://a")
    with pytest.raises(UsageError, match="that fsspec knows, found 'nowhere://a'"):
        open_storage("nowhere://a")


def test_a_storage_whose_package_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(MissingExtra, match=r"'s3fs', .* pip install 'beholder\[s3\]'"):
        open_storage("s3://bucket/a")


def test_a_storage_that_no_extra_brings(monkeypatch):
    monkeypatch.setitem(sys.modules, "adlfs", None)
    with pytest.raises(UsageError, match="expected the packages for 'abfs://bucket/a', found"):
        open_storage("abfs://bucket/a")
