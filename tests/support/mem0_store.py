"""A store that mem0's own open-source library has written, with vectors of a stub on loopback."""

import importlib
import json
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import sql
from werkzeug import Response

from tests.benchmarks.openai_stub import DIMENSIONS, answer
from tests.integration.server import dsn

DATABASE = "mem0_of_tests"


@dataclass
class Store:
    """The library, open, and how the command is told of what it writes."""

    mem0: Any
    arguments: tuple[str, ...]
    history: Path
    close: Any

    def add(self, text: str, role: str = "user", name: str | None = None, **fields: Any) -> str:
        message = {"role": role, "content": text} | ({"name": name} if name else {})
        return self.mem0.add([message], infer=False, **fields)["results"][0]["id"]


@pytest.fixture(scope="session")
def mem0(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEM0_TELEMETRY", "false")  # read at import
        patch.setenv("MEM0_DIR", str(tmp_path_factory.mktemp("mem0")))
        yield importlib.import_module("mem0")


@pytest.fixture
def vectors(httpserver):
    """Where the library gets its embeddings."""

    def embed(request):
        status, document = answer(request.data)
        return Response(json.dumps(document), status)

    httpserver.expect_request("/v1/embeddings", method="POST").respond_with_handler(embed)
    return httpserver.url_for("/v1")


@pytest.fixture
def in_qdrant(mem0, vectors, tmp_path):
    folder = tmp_path / "qdrant"
    config = {"path": str(folder), "on_disk": True}
    with _open(mem0, vectors, tmp_path, "qdrant", config) as memory:
        close = memory.vector_store.client.close
        yield Store(memory, ("--qdrant", str(folder)), tmp_path / "history.db", close)


@pytest.fixture
def in_pgvector(mem0, vectors, tmp_path, db):
    with _database() as url:
        config = {"connection_string": url}
        with _open(mem0, vectors, tmp_path, "pgvector", config) as memory:
            close = memory.vector_store.connection_pool.close
            try:
                yield Store(memory, ("--pgvector", url), tmp_path / "history.db", close)
            finally:
                close()


@contextmanager
def _open(mem0, vectors, folder, provider, config):
    host = {"openai_base_url": vectors, "api_key": "key"}
    memory = mem0.Memory.from_config(
        {
            "vector_store": {
                "provider": provider,
                "config": {"embedding_model_dims": DIMENSIONS} | config,
            },
            "embedder": {
                "provider": "openai",
                "config": {"embedding_dims": DIMENSIONS, "model": "m"} | host,
            },
            "llm": {"provider": "openai", "config": {"model": "m"} | host},
            "history_db_path": str(folder / "history.db"),
        }
    )
    try:
        yield memory
    finally:
        memory.close()


@contextmanager
def _database():
    """One of its own beside the tests', for nothing in theirs may be somebody else's."""
    owner = connections["owner"].settings_dict
    admin = psycopg.connect(dsn(owner), autocommit=True)
    name = sql.Identifier(DATABASE)
    try:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield dsn(owner | {"NAME": DATABASE})
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
    finally:
        admin.close()
