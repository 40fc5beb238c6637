"""Names from tables, lists, and folders of storages."""

import pytest

from beholder.batch.listing import find_files, is_list, read_names
from beholder.errors import DataError, Unreachable, UsageError

pa = pytest.importorskip("pyarrow", reason="needs the extra batch")
fsspec = pytest.importorskip("fsspec", reason="needs the extra batch")


@pytest.fixture
def bucket():
    storage = fsspec.filesystem("memory")
    for name in ("b.mp4", "a.png", "notes.txt", "sub/c.mkv", ".hidden/d.png"):
        storage.pipe_file(f"/bucket/{name}", b"-")
    yield storage
    storage.rm("/bucket", recursive=True)


def _parquet(file, **columns):
    from pyarrow import parquet

    parquet.write_table(pa.table(columns), file)
    return str(file)


@pytest.mark.parametrize("name", ["a.parquet", "a.PQ", "a.csv", "s3://b/a.txt", "a.parquet/"])
def test_lists_are_known_by_their_suffix(name):
    assert is_list(name)


def test_other_things_are_no_lists():
    assert not any(map(is_list, ["clips", "a.mp4", "s3://b/clips/", "-"]))


def test_parquet_with_a_column_path(tmp_path):
    file = _parquet(tmp_path / "l.parquet", id=[1, 2], path=["a.mp4", "b.mp4"])
    assert read_names(file, column=None) == ["a.mp4", "b.mp4"]


def test_a_folder_of_parquet_files(tmp_path):
    folder = tmp_path / "l.parquet"
    folder.mkdir()
    _parquet(folder / "0.parquet", video=["a.mp4"])
    _parquet(folder / "1.parquet", video=["b.mp4"])
    assert read_names(str(folder), column="video") == ["a.mp4", "b.mp4"]


def test_the_only_column_needs_no_name(tmp_path):
    assert read_names(_parquet(tmp_path / "l.pq", video=["a.mp4"]), column=None) == ["a.mp4"]


def test_csv_with_a_mark_quotes_and_odd_bytes(tmp_path):
    file = tmp_path / "l.csv"
    file.write_bytes(b'\xef\xbb\xbfpath,mos\r\n"a, b.mp4",3\r\n\xff.mp4,4\r\n')
    assert read_names(str(file), column=None) == ["a, b.mp4", "\udcff.mp4"]


@pytest.mark.parametrize("data", [b"a b.mp4\n\nc.mp4\n", b"a b.mp4\0c.mp4\0"])
def test_a_list(tmp_path, data):
    file = tmp_path / "l.txt"
    file.write_bytes(data)
    assert read_names(str(file), column=None) == ["a b.mp4", "c.mp4"]


def test_a_list_by_url(bucket):
    bucket.pipe_file("/bucket/l.csv", b"path\nx.mp4\n")
    assert read_names("memory://bucket/l.csv", column=None) == ["x.mp4"]


def test_a_column_that_is_not_there(tmp_path):
    file = _parquet(tmp_path / "l.parquet", id=[1], video=["a.mp4"])
    with pytest.raises(UsageError, match="expected a column 'path' in .* found id, video; name"):
        read_names(file, column=None)


def test_a_list_has_no_columns(tmp_path):
    (tmp_path / "l.txt").write_text("a.mp4\n")
    with pytest.raises(UsageError, match="expected --column with a Parquet or CSV file"):
        read_names(str(tmp_path / "l.txt"), column="video")


@pytest.mark.parametrize("missing", [None, ""])
def test_a_row_without_a_name_is_not_skipped(tmp_path, missing):
    file = _parquet(tmp_path / "l.parquet", path=["a.mp4", missing])
    with pytest.raises(DataError, match="a path in every row of .* found none in row 2"):
        read_names(file, column=None)


def test_a_list_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="expected a list at .* found nothing there"):
        read_names(str(tmp_path / "l.csv"), column=None)


def test_a_table_that_is_none(tmp_path):
    (tmp_path / "l.parquet").write_bytes(b"no parquet")
    with pytest.raises(Unreachable, match="expected to read .* check that it is whole"):
        read_names(str(tmp_path / "l.parquet"), column=None)


def test_a_folder_of_a_storage_is_searched_through(bucket):
    expected = ["memory:///bucket/a.png", "memory:///bucket/b.mp4", "memory:///bucket/sub/c.mkv"]
    assert find_files("memory://bucket") == expected


def test_a_pattern_and_a_file_of_a_storage(bucket):
    assert find_files("memory://bucket/*.mp4") == ["memory:///bucket/b.mp4"]
    assert find_files("memory://bucket/notes.txt") == ["memory://bucket/notes.txt"]


def test_a_storage_without_media(bucket):
    with pytest.raises(UsageError, match="expected images or videos at 'memory://empty', found 0"):
        find_files("memory://empty")
