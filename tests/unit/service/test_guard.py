"""Who may ask: hosts, origins, tokens."""

from pathlib import Path

import pytest

from beholder.errors import UsageError
from beholder.service.settings import Settings
from tests.unit.service.conftest import post

TOKEN = "0123456789abcdef"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_loopback_names_are_answered(client, host):
    assert client.get("/v1/models", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8000", "", "[", "0.0.0.0"]
)
def test_other_names_are_refused_on_loopback(client, host):
    answer = client.get("/v1/models", headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


def test_named_host_is_answered(start):
    client = start(hosts=("quality.example",))
    assert client.get("/healthz", headers={"Host": "quality.example:8000"}).status_code == 200


def test_page_of_another_site_is_refused(client):
    evil = post(client, "/v1/score", headers={"Origin": "http://evil.example"})
    assert (evil.status_code, evil.json()["error"]) == (403, "forbidden")
    own = post(client, "/v1/score", headers={"Origin": "http://127.0.0.1"})
    assert own.status_code == 200
    assert not [name for name in own.headers if name.startswith("access-control")]


def test_token_is_asked_for(start):
    client = start(token=TOKEN)
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        for path in ("/v1/models", "/metrics", "/v1/jobs/x/events"):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")
            assert answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/v1/models", headers=BEARER).status_code == 200
    assert post(client, "/v1/score", headers=BEARER).status_code == 200


def test_page_and_health_need_no_token(start):
    client = start(token=TOKEN)
    assert client.get("/").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_with_a_token_beyond_loopback_any_host_is_answered(start):
    client = start(token=TOKEN, host="0.0.0.0")
    assert client.get("/v1/models", headers={**BEARER, "Host": "any.example"}).status_code == 200


def test_every_answer_has_the_security_headers(client):
    for path in ("/", "/nothing", "/v1/models"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "quality.example"])
def test_beyond_loopback_a_token_is_needed(host):
    with pytest.raises(UsageError, match="expected a token for a service that others can reach"):
        Settings(state=Path("s"), host=host)


def test_short_token_is_refused():
    with pytest.raises(UsageError, match="expected a token of at least 16 characters, found 3"):
        Settings(state=Path("s"), token="abc")
