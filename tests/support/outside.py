"""A PostgreSQL of somebody else: its own cluster, in which tests may make and change roles."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from apps.common.crypto import Key
from apps.common.secret_files import encode_key
from memoryhub.embedded import postgres, server
from memoryhub.embedded.layout import PROJECT, Layout, prepare
from memoryhub.embedded.postgres import Role
from tests.integration.commands.run import Run
from tests.integration.server import free_port, wait_until_it_answers

WEB = ["-m", "granian", "--interface", "wsgi", "memoryhub.wsgi:application"]


@dataclass
class Hub:
    """What MemoryHub is told of a database: who serves, who migrates."""

    layout: Layout
    database: str
    blocker: Any
    serving: str
    owning: str | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.layout.root / f"{self.database}.log"
        self.master_key = encode_key(Key.generate().raw)

    def url(self, role: str) -> str:
        return postgres.url(self.layout.root, role, self.database)

    @property
    def environment(self) -> dict[str, str]:
        """The folder of the test run, so that its embedding model is used and none made again."""
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        owner = {"DATABASE_OWNER_URL": self.url(self.owning)} if self.owning else {}
        return kept | owner | {
            "DATABASE_URL": self.url(self.serving),
            "MEMORYHUB_DATA_DIR": str(settings.DATA_DIR),
            "MEMORYHUB_MASTER_KEY": self.master_key,
            "CELERY_BROKER_URL": "memory://",
        }  # fmt: skip

    def execute(self, *statements: str, role: str = Role.SUPERUSER) -> list[tuple]:
        """The rows of the last one."""
        with self.connect(role) as connection:
            cursors = [connection.execute(statement) for statement in statements]
            return cursors[-1].fetchall() if cursors[-1].description else []

    def connect(self, role: str) -> psycopg.Connection:
        dsn = postgres.dsn(self.layout.root, role, self.database)
        return psycopg.connect(**dsn, autocommit=True)

    def run(self, *arguments: str, **variables: str) -> Run:
        done = subprocess.run(
            [sys.executable, *arguments],
            check=False,
            cwd=PROJECT,
            env=self.environment | variables,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Run(done.returncode, done.stdout, done.stderr)

    def prepare(self) -> str:
        """Migrated and with its first tenant; answers that tenant's API key."""
        migrated = self.run("manage.py", "migrate", "--verbosity", "0")
        assert migrated == (0, "", ""), migrated
        first = self.run("manage.py", "first_run")
        assert first.code == 0, first.err
        return re.search(r"API key: (\S+)", first.out)[1]

    @contextmanager
    def serve(self) -> Iterator[str]:
        """The web server's address."""
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *WEB, "--port", str(port)],
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        try:
            wait_until_it_answers(f"{url}/v1/ping/", process, self.log)
            yield url
        finally:
            process.terminate()
            process.wait(20)

    @contextmanager
    def as_default(self) -> Iterator[None]:
        """This process's serving connection, as it would be with these settings."""
        ours = connections["default"]
        theirs = ours.settings_dict | {
            "HOST": str(self.layout.sockets),
            "PORT": "",
            "USER": self.serving,
            "NAME": self.database,
            "OPTIONS": {},
        }
        connections["default"] = type(ours)(theirs, alias="default")
        try:
            with self.blocker.unblock():
                yield
        finally:
            connections["default"].close()
            connections["default"] = ours


@contextmanager
def outside_server(made_cluster: Path, folder: Path) -> Iterator[Layout]:
    """A running server without our roles and our database."""
    layout = prepare(folder)
    shutil.copytree(made_cluster, layout.cluster)
    process = server.start(layout, durable=False)
    try:
        dsn = postgres.dsn(layout.root, Role.SUPERUSER, "postgres")
        with psycopg.connect(**dsn, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {postgres.DATABASE}")
            admin.execute(f"DROP ROLE {Role.APP}")
            admin.execute(f"DROP ROLE {Role.OWNER}")
        yield layout
    finally:
        server.stop(process)
