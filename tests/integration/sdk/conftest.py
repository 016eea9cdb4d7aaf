"""The client library, imported so that it reports nothing and writes into a temporary folder."""

import importlib
import uuid

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
def client(sdk, server):
    return sdk.MemoryClient(api_key=server.key, host=server.url)


@pytest.fixture
def person():
    return f"person {uuid.uuid4().hex[:12]}"
