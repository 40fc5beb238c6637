"""Parts on disk: whole, of one model, each path once."""

import pytest

from beholder.batch import store as store_module
from beholder.batch.rows import to_row
from beholder.batch.store import Store
from beholder.errors import DataError, Unreachable, UsageError
from beholder.records import Failure
from beholder.reports.results import to_dict
from tests.score_factory import make_score

pytest.importorskip("pyarrow", reason="needs the extra batch")
fsspec = pytest.importorskip("fsspec", reason="needs the extra batch")


def _row(path, *, error=None, model="m@1"):
    result = Failure(path=path, error=error, message="x") if error else make_score([50], path=path)
    return to_row(to_dict(result), model=model, elapsed_seconds=1.0)


def _paths(folder):
    from pyarrow import parquet

    return parquet.read_table(folder)["path"].to_pylist()


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "new" / "out")


def test_a_later_run_knows_what_is_done(folder):
    with Store(folder, model="m@1") as store:
        assert store.done == set()
        store.add([_row("a"), _row("b", error="damaged")])
    with Store(folder, model="m@1") as store:
        assert store.done == {"a", "b"}
        assert store.errors == {"damaged": 1}
        assert store.add([_row("b"), _row("c")]) == [_row("c")]
        assert len(store.parts()) == 1
    assert sorted(_paths(folder)) == ["a", "b", "c"]


def test_rows_are_written_in_time(folder, monkeypatch):
    clock = iter([0.0, 4.9, 5.0, 5.0, 9.0, 2000.0, 2000.0, 2019.0, 2021.0, 2021.0])
    monkeypatch.setattr(store_module.time, "monotonic", lambda: next(clock))
    with Store(folder, model="m@1") as store:
        written = []
        for path in "abcdef":
            store.add([_row(path)])
            written.append(len(store.parts()))
        monkeypatch.undo()
    # After 5 s; at once after a pause; after 1 % of the time when it has become long.
    assert written == [0, 1, 1, 2, 2, 3]


def test_many_rows_do_not_wait(folder, monkeypatch):
    monkeypatch.setattr(store_module, "_MOST_ROWS", 2)
    with Store(folder, model="m@1") as store:
        store.add([_row("a")])
        assert store.parts() == []
        store.add([_row("b")])
        assert len(store.parts()) == 1


def test_what_waits_is_written_when_a_run_breaks(folder):
    def work():
        with Store(folder, model="m@1") as store:
            store.add([_row("a")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert _paths(folder) == ["a"]


def test_what_a_kill_left_half_written_is_removed(folder, tmp_path):
    with Store(folder, model="m@1") as store:
        store.add([_row("a")])
    half = tmp_path / "new" / "out" / ".part-1-x.parquet"
    half.write_bytes(b"PAR1 and no more")
    with Store(folder, model="m@1") as store:
        assert store.done == {"a"}
    assert not half.exists()


def test_errors_are_forgotten_and_scores_kept(folder):
    with Store(folder, model="m@1") as store:
        store.add([_row("a"), _row("b", error="damaged")])
        store.flush()
        store.add([_row("c", error="not_found")])
    with Store(folder, model="m@1") as store:
        store.forget_errors()
        assert store.done == {"a"}
        assert not store.errors
    assert _paths(folder) == ["a"]


def test_an_output_is_of_one_model(folder):
    with Store(folder, model="m@1") as store:
        store.add([_row("a")])
    with (
        pytest.raises(UsageError, match=r"rows of the model m@2 in .*, found m@1; choose another"),
        Store(folder, model="m@2"),
    ):
        pass


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").touch()
    with (
        pytest.raises(UsageError, match="an empty folder or the output .* found 'thesis.docx'"),
        Store(str(tmp_path), model="m@1"),
    ):
        pass


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "out").touch()
    with (
        pytest.raises(UsageError, match="expected a folder that can be written, found"),
        Store(str(tmp_path / "out"), model="m@1"),
    ):
        pass


def test_one_batch_at_a_time(folder):
    with (
        Store(folder, model="m@1"),
        pytest.raises(UsageError, match="no other batch writes, found that .*_lock' is locked"),
        Store(folder, model="m@1"),
    ):
        pass
    with Store(folder, model="m@1"):
        pass


def test_a_broken_part_is_told(folder, tmp_path):
    with Store(folder, model="m@1"):
        pass
    (tmp_path / "new" / "out" / "part-1-x.parquet").write_bytes(b"no parquet")
    with (
        pytest.raises(DataError, match=r"expected a whole part .* remove it and start again"),
        Store(folder, model="m@1"),
    ):
        pass


def test_a_disk_that_is_full(folder, monkeypatch):
    def refuse(*_):
        raise OSError("disk full")

    with Store(folder, model="m@1") as store:
        store.add([_row("a")])
        with monkeypatch.context() as patch:
            patch.setattr(store._storage, "pipe_file", refuse)
            with pytest.raises(Unreachable, match="expected to write .*: disk full; make room"):
                store.flush()
    assert _paths(folder) == ["a"]


def test_parts_in_a_storage():
    fsspec.filesystem("memory").rm("/", recursive=True)
    with Store("memory://out", model="m@1") as store:
        store.add([_row("a")])
    with Store("memory://out", model="m@1") as store:
        assert store.done == {"a"}
        assert len(store.parts()) == 1


def test_buckets_have_no_empty_folders_but_may_list_themselves(monkeypatch):
    storage = fsspec.filesystem("memory")
    storage.rm("/", recursive=True)

    def list_like_a_bucket(path, detail):
        found = [name for name in storage.store if name.startswith(path)]
        if not found:
            raise FileNotFoundError(path)
        return [f"{path}/", *found]

    monkeypatch.setattr(storage, "ls", list_like_a_bucket)
    for path in ("a", "b"):
        with Store("memory://out", model="m@1") as store:
            store.add([_row(path)])
    with Store("memory://out", model="m@1") as store:
        assert store.done == {"a", "b"}
