"""What the service refuses, and how it says so."""

import pytest

from beholder import errors
from beholder.service.problems import STATUS
from tests.house.repository import ROOT
from tests.unit.service.conftest import finish, post, wait_for

BOUNDARY = "b0undary"
HEAD = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'


def _send(client, body, content_type=f"multipart/form-data; boundary={BOUNDARY}"):
    headers = {} if content_type is None else {"Content-Type": content_type}
    return client.post("/v1/score", content=body, headers=headers)


def _is_error(answer, status, code, text):
    body = answer.json()
    assert answer.status_code == status, body
    assert set(body) == {"status", "error", "message"}
    assert body["error"] == code
    assert text in body["message"]
    return True


def test_upload_of_too_many_bytes_is_refused_by_its_header(client, uploads):
    answer = post(client, "/v1/score", b"x" * 200_000)
    assert _is_error(answer, 413, "upload_too_large", "expected a file of at most")
    assert list(uploads.iterdir()) == []


def test_upload_of_too_many_bytes_is_refused_as_it_comes(client, uploads):
    def pieces():
        yield HEAD.encode()
        for _ in range(4):
            yield b"x" * 50_000

    assert _is_error(_send(client, pieces()), 413, "upload_too_large", "shrink it")
    assert list(uploads.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        (b"x", None, "found the content type 'none'"),
        (b"x", "text/plain", "found the content type 'text/plain'"),
        (b"x", "multipart/form-data", "found the content type"),
        (b"junk", f"multipart/form-data; boundary={BOUNDARY}", "expected a multipart/form-data"),
        (b"", f"multipart/form-data; boundary={BOUNDARY}", "found none"),
        (HEAD.encode() + b"cut off", f"multipart/form-data; boundary={BOUNDARY}", "end is missing"),
    ],
    ids=["no type", "other type", "no boundary", "no form", "empty", "cut off"],
)
def test_body_that_is_no_upload_is_refused(client, body, content_type, text):
    assert _is_error(_send(client, body, content_type), 400, "bad_request", text)


def test_part_of_another_name_is_refused(client):
    answer = client.post("/v1/score", files={"clip": ("a.mp4", b"x")})
    assert _is_error(answer, 400, "bad_request", "found the part 'clip'")


def test_second_file_is_refused(client):
    answer = client.post("/v1/score", files=[("file", ("a", b"x")), ("file", ("b", b"x"))])
    assert _is_error(answer, 400, "bad_request", "one part 'file'")


def test_full_queue_is_refused_with_a_time_to_come_back(start, tmp_path):
    client = start(limits={"queue_length": 1})
    go = tmp_path / "go"
    first = post(client, "/v1/jobs", f"wait {go}".encode()).json()["id"]
    wait_for(client, first, {"running"})
    second = post(client, "/v1/jobs").json()["id"]
    refused = post(client, "/v1/jobs")
    assert _is_error(refused, 429, "queue_full", "send this one again later")
    assert int(refused.headers["retry-after"]) > 0
    go.touch()
    assert finish(client, second)["state"] == "done"
    assert post(client, "/v1/jobs").status_code == 202


def test_stopping_service_takes_nothing(start):
    client = start()
    client.app.state.parts.desk.stop()
    assert _is_error(post(client, "/v1/jobs"), 503, "stopping", "try again soon")
    assert client.get("/healthz").status_code == 503


def test_full_disk_is_said(client, monkeypatch):
    import errno
    from pathlib import Path

    def no_room(self, mode="r", *more, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", no_room)
    assert _is_error(post(client, "/v1/score"), 507, "storage_full", "No space left")


def test_every_status_is_in_the_manual():
    manual = (ROOT / "docs" / "serve.md").read_text(encoding="utf-8")
    for code, status in STATUS.items():
        assert any(f"`{code}`" in line and f"| {status} |" in line for line in manual.splitlines())


def test_every_error_of_the_service_has_a_status():
    own = [each.code for each in errors.ServiceError.__subclasses__()]
    assert own
    assert set(own) <= set(STATUS)
