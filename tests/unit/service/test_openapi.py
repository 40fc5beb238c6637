"""Every answer is as /openapi.json says, for requests that a machine thinks up."""

import pytest

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

import schemathesis
from hypothesis import HealthCheck, given, settings

from tests.unit.service.conftest import starter

OPERATIONS = [
    ("POST", "/v1/score"),
    ("POST", "/v1/jobs"),
    ("GET", "/v1/jobs/{job_id}"),
    ("GET", "/v1/jobs/{job_id}/events"),
    ("GET", "/v1/models"),
    ("GET", "/v1/limits"),
    ("GET", "/healthz"),
    ("GET", "/metrics"),
]


@pytest.fixture(scope="module")
def openapi(tmp_path_factory):
    with starter(tmp_path_factory.mktemp("service")) as start:
        app = start(hosts=("testserver",), limits={"queue_length": 1000}).app
        yield schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_described(openapi, method, path):
    @settings(
        max_examples=15,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=openapi[path][method].as_strategy())
    def check(case):
        case.call_and_validate()

    check()


def test_every_operation_is_checked(openapi):
    described = {
        (each.ok().method.upper(), each.ok().path) for each in openapi.get_all_operations()
    }
    assert described == set(OPERATIONS)
