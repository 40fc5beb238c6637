"""A guard and its process: every file ends as a row, and the worker goes on."""

import os

import pytest

from beholder.batch.worker import Assignment, Worker
from beholder.errors import ModelError
from tests.batch_workers import MODEL, misbehave
from tests.media_factory import make_image
from tests.model_factory import make_model

pa = pytest.importorskip("pyarrow", reason="needs the extra batch")


def _assignment(model="m", model_id=MODEL, file_seconds=60.0):
    return Assignment(model=model, model_id=model_id, file_seconds=file_seconds, memory_bytes=2**30)


@pytest.fixture
def bad_worker():
    worker = Worker(_assignment(file_seconds=1.0), main=misbehave)
    yield worker
    worker.close()


def test_a_process_that_dies_costs_one_file(bad_worker):
    rows = [bad_worker.score(name) for name in ("a.mp4", "dies.mp4", "b.mp4")]
    assert [row["error"] for row in rows] == ["answered", "worker_lost", "answered"]
    assert "ended with code 9" in rows[1]["message"]
    assert [row["path"] for row in rows] == ["a.mp4", "dies.mp4", "b.mp4"]


def test_a_process_that_hangs_costs_one_file(bad_worker):
    rows = [bad_worker.score(name) for name in ("hangs.mp4", "a.mp4")]
    assert [row["error"] for row in rows] == ["out_of_time", "answered"]
    assert "scored within 1 s, found one that takes longer" in rows[0]["message"]
    assert "--max-seconds with --retry-errors" in rows[0]["message"]
    assert rows[0]["elapsed_seconds"] >= 1


def test_a_file_of_a_storage_that_does_not_answer_is_a_row(bad_worker):
    row = bad_worker.score("memory://nowhere/a.mp4")
    assert row["error"] == "not_found"
    assert row["path"] == "memory://nowhere/a.mp4"


def test_another_model_than_expected_is_refused():
    with pytest.raises(ModelError, match=f"expected the model other@2 .* found {MODEL}; copy"):
        Worker(_assignment(model_id="other@2"), main=misbehave)


def test_real_files(tmp_path):
    from beholder.scoring import Scorer

    model = make_model(tmp_path / "m.onnx")
    scorer = Scorer(model)
    good = make_image(tmp_path / os.fsdecode(b"a\xff.png"), (64, 48))
    (tmp_path / "broken.png").write_bytes(b"none")
    names = [str(good), str(tmp_path / "broken.png")]
    worker = Worker(_assignment(model=str(model), model_id=scorer.model_id))
    try:
        table = worker(pa.table({"name": [os.fsencode(name) for name in names]}))
    finally:
        worker.close()
    first, second = table.to_pylist()
    assert first["score"] == scorer.score(good).score
    assert first["path"] == f"{tmp_path}/a\\xff.png"
    assert first["model"] == scorer.model_id
    assert second["error"] == "not_media"
