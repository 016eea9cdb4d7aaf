"""An application that talks to the API over HTTP, with a key of its own tenant."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from apps.common.actor import SYSTEM
from apps.tenants.domain.api_keys import create_api_key, find_api_key, revoke_api_key
from apps.tenants.domain.tenants import create_tenant
from django.conf import settings
from django.db import connections
from django.test import Client

ENTITY_KEYS = ("user_id", "agent_id", "app_id", "run_id")


@dataclass
class Api:
    """Sends JSON with one API key; answers Django's test response."""

    key: str
    scheme: str = "Token"

    def send(self, method: str, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        payload = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return Client().generic(
            method,
            path,
            payload,
            content_type="application/json",
            headers={"Authorization": f"{self.scheme} {self.key}"},
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        return self.send("POST", path, body, raw)

    def put(self, path: str, body: Any = None, raw: bytes | None = None) -> Any:
        return self.send("PUT", path, body, raw)

    def delete(self, path: str) -> Any:
        return self.send("DELETE", path)

    def add(self, *texts: str, messages: list | None = None, **fields: Any) -> list[str]:
        """Store texts verbatim; answers the ids of their memories."""
        if not fields.keys() & set(ENTITY_KEYS):
            fields["user_id"] = "ada"
        messages = messages or [{"role": "user", "content": text} for text in texts]
        answer = self.post("/v3/memories/add/", {"messages": messages, "infer": False} | fields)
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    def page(self, filters: Any, query: str = "", **fields: Any) -> Any:
        return self.post(f"/v3/memories/{query}", {"filters": filters} | fields)

    def texts(self, filters: Any = None) -> list[str]:
        """What the list shows, in its order."""
        answer = self.page(filters or {"user_id": "*"}, "?page_size=200")
        assert answer.status_code == 200, answer.content
        return [row["memory"] for row in answer.json()["results"]]

    def search(self, query: Any, filters: Any = None, **fields: Any) -> Any:
        body = {"query": query, "filters": filters or {"user_id": "ada"}, "threshold": 0} | fields
        return self.post("/v3/memories/search/", body)

    def hits(self, query: str, filters: Any = None, **fields: Any) -> list[str]:
        answer = self.search(query, filters, **fields)
        assert answer.status_code == 200, answer.content
        return [row["memory"] for row in answer.json()["results"]]


@pytest.fixture
def tenant(db):
    return create_tenant(name="Harbour Clinic", slug="harbour", by=SYSTEM)


@pytest.fixture
def other_tenant(db):
    return create_tenant(name="Other Clinic", slug="other", by=SYSTEM)


@pytest.fixture
def make_key(tenant):
    def make(**fields):
        return create_api_key(**{"tenant": tenant, "name": "test", "by": SYSTEM} | fields)[1]

    return make


@pytest.fixture
def revoke_key():
    def revoke(text):
        revoke_api_key(key=find_api_key(text.split("_")[1]), by=SYSTEM)

    return revoke


@pytest.fixture
def as_key(tenant):
    return Api


@pytest.fixture
def api(make_key):
    return Api(make_key())


@pytest.fixture
def other_api(make_key, other_tenant):
    return Api(make_key(tenant=other_tenant))


@dataclass
class Server:
    url: str
    tenant: Any
    blocker: Any

    def make_key(self, *scopes: str) -> str:
        fields = {"scopes": scopes} if scopes else {}
        with self.blocker.unblock():
            return create_api_key(tenant=self.tenant, name="test", by=SYSTEM, **fields)[1]


@pytest.fixture(scope="session")
def server(django_db_setup, django_db_blocker, tmp_path_factory):
    """A web server of its own process on the test database, and a tenant that is really there."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    with log.open("wb") as output, django_db_blocker.unblock():
        process = subprocess.Popen(
            [*command, "memoryhub.wsgi:application"],
            env=environment(),
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/v1/ping/", process, log)
            slug = f"sdk-{uuid.uuid4().hex[:8]}"
            tenant = create_tenant(name="Clients", slug=slug, by=SYSTEM)
            server = Server(f"http://127.0.0.1:{port}", tenant, django_db_blocker)
            server.key = server.make_key()
            yield server
        finally:
            process.terminate()
            process.wait(20)


def environment() -> dict[str, str]:
    urls = {"DATABASE_URL": "default", "DATABASE_OWNER_URL": "owner"}
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "memoryhub.settings",
        "MEMORYHUB_DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        **{name: dsn(connections[alias].settings_dict) for name, alias in urls.items()},
    }


def dsn(config: dict[str, Any]) -> str:
    from psycopg.conninfo import make_conninfo

    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    parts = {name: config[key] for name, key in names.items() if config.get(key)}
    return make_conninfo(dbname=config["NAME"], **parts)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_answers(url: str, process: subprocess.Popen, log: Any) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=10)
        except urllib.error.HTTPError:
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())
