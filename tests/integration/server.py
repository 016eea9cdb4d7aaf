"""The web server as it ships, in a process of its own, on the test database."""

import itertools
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from psycopg.conninfo import make_conninfo

from apps.common.actor import SYSTEM
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.domain.tenants import create_tenant
from tests.support.telemetry import SWITCHES

FIRST_PORT, PORTS = 10_000, 20_000
_steps = itertools.count(os.getpid() * 131)


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
    log = tmp_path_factory.mktemp("server") / "log"
    with django_db_blocker.unblock(), serve(log) as url:
        server = make_server(url, django_db_blocker)
        yield server


def make_server(url: str, blocker: Any) -> Server:
    slug = f"sdk-{uuid.uuid4().hex[:8]}"
    server = Server(url, create_tenant(name="Clients", slug=slug, by=SYSTEM), blocker)
    server.key = server.make_key()
    return server


@contextmanager
def serve(log: Path, **variables: str) -> Iterator[str]:
    """The web server with these variables; answers where it is."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "memoryhub.wsgi:application"],
            env=environment() | variables,
            stdout=output,
            stderr=output,
        )
        try:
            wait_until_it_answers(f"http://127.0.0.1:{port}/v1/ping/", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def environment() -> dict[str, str]:
    """Of this process, without switches of telemetry, and with the test database."""
    urls = {"DATABASE_URL": "default", "DATABASE_OWNER_URL": "owner"}
    inherited = {name: value for name, value in os.environ.items() if name not in SWITCHES}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": "memoryhub.settings",
        "MEMORYHUB_DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "CELERY_BROKER_URL": "memory://",
        **{name: dsn(connections[alias].settings_dict) for name, alias in urls.items()},
    }


def dsn(config: dict[str, Any]) -> str:
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    parts = {name: config[key] for name, key in names.items() if config.get(key)}
    return make_conninfo(dbname=config["NAME"], **parts)


def free_port() -> int:
    """Below what the system lends, and another in each process: what starts may take it later."""
    while True:
        port = FIRST_PORT + next(_steps) % PORTS
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def wait_until_it_answers(url: str, process: subprocess.Popen, log: Any) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=10)
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError(log.read_text())
