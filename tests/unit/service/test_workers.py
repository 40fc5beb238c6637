"""Workers that die, hang and refuse; jobs that outlive the service."""

import os
import signal
from pathlib import Path

import pytest

from beholder.errors import ModelError, UsageError, WorkerLost
from beholder.service.messages import Order
from beholder.service.process import WorkerProcess
from beholder.service.store import JobStore
from tests.service_workers import die, obey, refuse
from tests.unit.service.conftest import finish, post, wait_for


def test_file_that_kills_its_worker_is_an_error_and_no_other_job_is_lost(start):
    client = start()
    ids = [post(client, "/v1/jobs", content).json()["id"] for content in (b"x", b"crash", b"x")]
    jobs = [finish(client, job_id) for job_id in ids]
    assert [job["state"] for job in jobs] == ["done", "failed", "done"]
    assert jobs[1]["result"]["error"] == "worker_lost"
    assert f"was ended by signal {signal.SIGABRT.value}" in jobs[1]["result"]["message"]
    assert "beholder_worker_restarts_total 1.0" in client.get("/metrics").text


def test_score_says_that_the_worker_died(client):
    answer = post(client, "/v1/score", b"crash")
    assert (answer.status_code, answer.json()["error"]) == (500, "worker_lost")


def test_file_that_hangs_is_an_error_and_its_worker_is_replaced(start):
    client = start(limits={"job_seconds": 0.5})
    before = client.app.state.parts.pool.pids()
    answer = post(client, "/v1/score", b"hang")
    assert (answer.status_code, answer.json()["error"]) == (422, "out_of_time")
    assert "within 0.5 s" in answer.json()["message"]
    assert post(client, "/v1/score", b"x").status_code == 200
    assert client.app.state.parts.pool.pids() != before


def test_worker_that_was_told_to_end_gets_no_job_even_if_it_takes_its_time(monkeypatch):
    worker = WorkerProcess(obey, Order(model="", pixels=1, duration_seconds=1, memory_bytes=1))
    worker.start()
    assert worker.is_alive
    monkeypatch.setattr(worker._process, "kill", lambda: None)
    monkeypatch.setattr(worker._process, "join", lambda seconds: None)
    worker.end()
    assert worker._process.is_alive()
    assert not worker.is_alive
    os.kill(worker.pid, signal.SIGKILL)


def test_worker_killed_while_idle_costs_no_job(client):
    (pid,) = client.app.state.parts.pool.pids()
    os.kill(pid, signal.SIGKILL)
    while client.app.state.parts.pool.pids() == [pid]:
        pass
    assert post(client, "/v1/score").status_code == 200


def test_jobs_are_taken_up_again_after_a_restart(start, tmp_path):
    go = tmp_path / "go"
    client = start(grace_seconds=0.0)
    running = post(client, "/v1/jobs", f"wait {go}".encode(), name="running").json()["id"]
    queued = post(client, "/v1/jobs", name="queued").json()["id"]
    wait_for(client, running, {"running"})
    start.stop()

    go.touch()
    client = start()
    assert finish(client, running)["result"]["path"] == "running"
    assert finish(client, queued)["result"]["path"] == "queued"


def test_results_are_kept_over_a_restart(start):
    client = start()
    job_id = post(client, "/v1/jobs").json()["id"]
    job = finish(client, job_id)
    start.stop()
    assert start().get(f"/v1/jobs/{job_id}").json() == job


def test_file_in_work_may_end_while_the_service_stops(start, tmp_path):
    go = tmp_path / "go"
    client = start()
    job_id = post(client, "/v1/jobs", f"wait {go}".encode()).json()["id"]
    wait_for(client, job_id, {"running"})
    go.touch()
    start.stop()
    store = JobStore(tmp_path / "state" / "jobs.sqlite")
    assert store.get(job_id).state == "done"
    store.close()


def test_file_that_was_in_work_at_each_crash_is_given_up(start, tmp_path):
    client = start()
    start.stop()
    store = JobStore(tmp_path / "state" / "jobs.sqlite")
    store.add("poison", "poison.mp4")
    store.close()
    for _ in range(3):
        store = JobStore(tmp_path / "state" / "jobs.sqlite")
        assert store.take().id == "poison"
        store.close()
    client = start()
    result = finish(client, "poison")["result"]
    assert result["error"] == "worker_lost"
    assert "died 3 times" in result["message"]


def test_upload_without_a_job_is_removed_at_the_start(start, tmp_path):
    uploads = tmp_path / "state" / "uploads"
    uploads.mkdir(parents=True)
    (uploads / "left").write_bytes(b"x")
    start()
    assert list(uploads.iterdir()) == []


def test_old_results_are_forgotten(start):
    client = start(limits={"keep_seconds": 0.0})
    job_id = post(client, "/v1/jobs").json()["id"]
    finish(client, job_id)
    post(client, "/v1/score")
    assert client.get(f"/v1/jobs/{job_id}").status_code == 404


def test_second_service_on_the_same_state_is_refused(start):
    start()
    with pytest.raises(UsageError, match="in use by another service"):
        start()


def test_state_that_cannot_be_a_folder_is_refused(start, tmp_path):
    (tmp_path / "state").write_text("a file")
    with pytest.raises(UsageError, match="expected a folder that can be written"):
        start()


def test_model_that_cannot_be_loaded_ends_the_start(start):
    with pytest.raises(ModelError, match="expected a model, found none"):
        start(main=refuse)


def test_worker_that_does_not_start_ends_the_start(start):
    with pytest.raises(WorkerLost, match="expected a worker process that starts"):
        start(main=die)


def test_many_jobs_on_two_workers_keep_their_names(start):
    client = start(workers=2, limits={"queue_length": 50})
    ids = [post(client, "/v1/jobs", name=f"{n}.mp4").json()["id"] for n in range(20)]
    names = [finish(client, job_id)["result"]["path"] for job_id in ids]
    assert names == [f"{n}.mp4" for n in range(20)]


def test_state_folder_is_for_its_owner_only(start, tmp_path):
    start()
    assert Path(tmp_path / "state").stat().st_mode & 0o077 == 0
