"""Debian's PgBouncer before a server, lending connections by the transaction, in turn."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from memoryhub.embedded import identity, processes
from tests.integration.server import free_port
from tests.support.needs import find
from tests.support.processes import wait_until

CONNECTIONS = 3  # few, so that clients get each other's
CONFIGURATION = """\
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
min_pool_size = {connections}
default_pool_size = {connections}
server_round_robin = 1
logfile = {folder}/log
"""


@contextmanager
def pooling(server: dict[str, str], folder: Path) -> Iterator[int]:
    """The port at which the server can be reached through the pooler; `server` as in settings."""
    listen = free_port()
    (folder / "users").write_text(f'"{server["USER"]}" "{server.get("PASSWORD", "")}"\n')
    (folder / "ini").write_text(
        CONFIGURATION.format(
            host=server["HOST"],
            port=server.get("PORT") or 5432,
            listen=listen,
            folder=folder,
            connections=CONNECTIONS,
        )
    )
    command = [find("PgBouncer"), "--quiet", folder / "ini"]
    process = processes.spawn(command, become=identity.step())
    try:
        wait_until(lambda: answers(listen, server) or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield listen
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def occupying(url: str) -> Iterator[list[psycopg.Connection[Any]]]:
    """As many clients as there are connections; each has had one to itself once."""
    with ExitStack() as stack:
        clients = [
            stack.enter_context(psycopg.connect(url, autocommit=True, prepare_threshold=None))
            for _ in range(CONNECTIONS)
        ]
        for client in clients:
            client.execute("BEGIN")
        for client in clients:
            client.execute("COMMIT")
        yield clients


def answers(port: int, server: dict[str, str]) -> bool:
    try:
        psycopg.connect(pooled_url(port, server)).close()
    except psycopg.OperationalError:
        return False
    return True


def pooled_url(port: int, server: dict[str, str], database: str | None = None) -> str:
    password = f":{quote(server['PASSWORD'])}" if server.get("PASSWORD") else ""
    return f"postgresql://{server['USER']}{password}@127.0.0.1:{port}/{database or server['NAME']}"
