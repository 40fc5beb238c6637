"""Every answer is as /openapi.json says, for requests that a machine thinks up."""

import pytest

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from hypothesis import HealthCheck, settings

from tests.unit.service.conftest import starter


@pytest.fixture(scope="module")
def openapi(tmp_path_factory):
    with starter(tmp_path_factory.mktemp("service")) as start:
        yield schemathesis.openapi.from_asgi("/openapi.json", start().app)


schema = schemathesis.pytest.from_fixture("openapi")


@schema.parametrize()
@settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
def test_answers_are_as_described(case):
    case.call_and_validate(headers={"Host": "127.0.0.1"})
