"""What clients see: results, errors, events, metrics."""

import json

import pytest

from tests.service_workers import MODEL, make_result
from tests.unit.service.conftest import finish, post, wait_for


def test_score_answers_the_json_of_the_command(client):
    answer = post(client, "/v1/score", name="clip.mp4")
    assert answer.status_code == 200
    result = make_result("clip.mp4")
    del result["timeline"]
    expected = {"schema": 1, "model": MODEL, "results": [result]}
    assert answer.text == json.dumps(expected, indent=2) + "\n"


def test_score_adds_the_timeline_when_asked(client):
    answer = post(client, "/v1/score?timeline=true").json()
    assert answer["results"][0]["timeline"] == make_result("")["timeline"]


def test_job_is_accepted_found_and_finished(client):
    answer = post(client, "/v1/jobs", name="clip.mp4")
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    job = finish(client, answer.json()["id"])
    assert (job["state"], job["model"], job["name"]) == ("done", MODEL, "clip.mp4")
    assert job["result"] == make_result("clip.mp4")


def test_upload_is_gone_when_the_job_is_finished(client, uploads):
    post(client, "/v1/score")
    assert list(uploads.iterdir()) == []


def test_name_is_text_for_people_and_never_a_path(client):
    answer = post(client, "/v1/score", name="../../etc/passwd<b>.mp4").json()
    assert answer["results"][0]["path"] == "passwd<b>.mp4"


def test_events_tell_progress_and_end_with_the_result(client, tmp_path):
    go = tmp_path / "go"
    job_id = post(client, "/v1/jobs", f"wait {go}".encode()).json()["id"]
    wait_for(client, job_id, {"running"})
    with client.stream("GET", f"/v1/jobs/{job_id}/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        go.touch()  # the client of the tests reads whole answers, so the job must end
        lines = [line for line in events.iter_lines() if line.startswith("data: ")]
    seen = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert seen[0]["state"] == "running"
    assert seen[-1]["state"] == "done"
    assert seen[-1]["result"] == make_result("a.mp4")


def test_job_in_work_tells_how_far_it_is(client, tmp_path):
    go = tmp_path / "go"
    job_id = post(client, "/v1/jobs", f"wait {go}".encode()).json()["id"]
    while client.get(f"/v1/jobs/{job_id}").json()["frames_done"] is None:
        pass
    job = client.get(f"/v1/jobs/{job_id}").json()
    assert (job["state"], job["frames_done"], job["frames_total"]) == ("running", 1, 4)
    go.touch()
    assert finish(client, job_id)["state"] == "done"


@pytest.mark.parametrize("path", ["/v1/jobs/nothing", "/v1/jobs/nothing/events"])
def test_unknown_job_is_an_error(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"] == "unknown_job"


def test_unknown_address_and_method_have_the_one_shape_of_errors(client):
    missing, wrong = client.get("/v2"), client.delete("/v1/score")
    assert (missing.status_code, missing.json()["error"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["error"]) == (405, "bad_request")
    assert wrong.headers["allow"] == "POST"


def test_wrong_query_is_an_error(client):
    answer = post(client, "/v1/score?timeline=perhaps")
    assert answer.status_code == 400
    assert answer.json()["error"] == "bad_request"
    assert "timeline" in answer.json()["message"]


def test_models_limits_and_health_tell_what_runs(client):
    models = client.get("/v1/models").json()
    assert (models["model"], models["models"]) == (MODEL, [{"card": {"name": "fake"}}])
    assert client.get("/v1/limits").json()["upload_bytes"] == 100_000
    health = client.get("/healthz").json()
    assert (health["status"], health["workers"], health["queued"]) == ("ok", 1, 0)


def test_metrics_count_jobs_by_outcome(start):
    client = start()
    post(client, "/v1/score")
    text = client.get("/metrics").text
    assert 'beholder_jobs_total{outcome="ok"} 1.0' in text
    assert 'beholder_http_requests_total{status="200"} 1.0' in text
    assert "beholder_workers 1.0" in text


def test_page_and_its_files_come_from_the_package(client):
    page = client.get("/")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert client.get("/page/app.js").headers["content-type"].startswith("text/javascript")
    assert client.get("/page/../settings.py").status_code == 404


def test_page_names_no_other_place():
    from beholder.service.api import PAGE

    allowed = ("http://www.w3.org/2000/svg",)
    for path in PAGE.iterdir():
        text = path.read_text(encoding="utf-8")
        for known in allowed:
            text = text.replace(known, "")
        assert "http://" not in text, path
        assert "https://" not in text, path
