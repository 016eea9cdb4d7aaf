"""The API is asked what its OpenAPI allows, and what it does not: it never fails, and answers as described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.api.schema.document import read_document
from apps.tenants.enums import ApiScope
from tests.integration.server import make_server

EXAMPLES = 3  # of what is allowed, and of what is not, for each operation
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
PATHS = read_document()["paths"]


def list_asked():
    """What only ids in the path are given to can't be asked wrongly: any text is one."""
    for path, methods in PATHS.items():
        if path == "/readyz" or path.removesuffix("/") in PATHS.keys() - {path}:
            continue  # 503 where no worker runs, as it should; the same view at another path
        for method, operation in methods.items():
            yield method, path, GenerationMode.POSITIVE
            places = {parameter["in"] for parameter in operation.get("parameters", ())}
            if "requestBody" in operation or "query" in places:
                yield method, path, GenerationMode.NEGATIVE


@pytest.fixture(scope="module")
def described():
    return schemathesis.openapi.from_dict(read_document())


@pytest.fixture(scope="module")
def asked(server):
    """The running server, with a tenant and a key for these tests alone."""
    own = make_server(server.url, server.blocker)
    own.key = own.make_key(*ApiScope)
    return own


@pytest.mark.parametrize(("method", "path", "mode"), list(list_asked()))
def test_generated_calls_are_answered_as_described(described, asked, method, path, mode):
    operation = described[path][method]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        response = case.call(base_url=asked.url, headers={"Authorization": f"Token {asked.key}"})
        case.validate_response(response, checks=CHECKS)

    ask()
