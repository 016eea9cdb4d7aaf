"""The client library, imported so that it reports nothing and writes into a temporary folder."""

import importlib
import uuid
from contextlib import ExitStack

import httpx
import pytest


@pytest.fixture(scope="session")
def sdk(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEM0_TELEMETRY", "false")  # read at import
        patch.setenv("MEM0_DIR", str(tmp_path_factory.mktemp("mem0")))
        yield importlib.import_module("mem0")


@pytest.fixture(scope="session")
def options(sdk):
    return importlib.import_module("mem0.client.types")


@pytest.fixture(scope="session")
def errors(sdk):
    return importlib.import_module("mem0.exceptions")


@pytest.fixture
def connect(sdk):
    """Make clients whose connections are closed when the test is over."""
    with ExitStack() as connections:

        def make(host, key):
            http = connections.enter_context(httpx.Client(timeout=300))
            return sdk.MemoryClient(api_key=key, host=host, client=http)

        yield make


@pytest.fixture
def client(connect, server):
    return connect(server.url, server.key)


@pytest.fixture
def person():
    return f"person {uuid.uuid4().hex[:12]}"
