"""The files of the embedded PostgreSQL: made once, configured at every start."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from memoryhub.embedded import binaries, identity
from memoryhub.embedded.layout import LauncherError, Layout, open_log
from memoryhub.embedded.postgres import DATABASE, Role

_INITDB_OPTIONS: tuple[str | Path, ...] = (
    f"--username={Role.SUPERUSER}",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C",
    "--builtin-locale=C.UTF-8",
    "--auth-local=trust",  # of those who can enter the socket's folder
    "--auth-host=scram-sha-256",
)
_SINGLE_OPTIONS: tuple[str | Path, ...] = ("--single", "--exit_on_error=on")

_STATEMENTS = f"""\
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
full_page_writes = {durable}
"""


def prepare(layout: Layout, *, durable: bool) -> None:
    """Make the cluster if there is none; write its configuration; give it to its user.

    `durable=False` is for tests: the files do not survive a crash of the machine.
    """
    if not layout.cluster.exists():
        _make(layout, durable=durable)
    identity.take_over(layout.cluster)
    _configure(layout.cluster, layout, durable=durable)


def last_error(layout: Layout) -> str:
    """The line of the log that says why PostgreSQL gave up."""
    lines = (layout.logs / "postgres.log").read_text(errors="replace").splitlines()
    errors = [line for line in lines if re.search(r"FATAL:|PANIC:|ERROR:|error:", line)]
    return errors[-1] if errors else f"see {layout.logs / 'postgres.log'}"


def _make(layout: Layout, *, durable: bool) -> None:
    """Make the cluster under another name first, so that half a cluster is never taken for one."""
    unfinished = layout.postgres / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    initdb = [binaries.postgres("initdb"), f"--pgdata={unfinished}", *_INITDB_OPTIONS]
    single = [binaries.postgres("postgres"), *_SINGLE_OPTIONS, "-D", unfinished, "template1"]
    _run(layout, initdb if durable else [*initdb, "--no-sync"])
    _configure(unfinished, layout, durable=durable)
    _run(layout, single, statements=_STATEMENTS)
    unfinished.rename(layout.cluster)


def _run(layout: Layout, command: Sequence[str | Path], *, statements: str = "") -> None:
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
        raise LauncherError(f"PostgreSQL's files could not be made: {last_error(layout)}")


def _configure(cluster: Path, layout: Layout, *, durable: bool) -> None:
    text = _CONFIGURATION.format(
        sockets=str(layout.sockets).replace("'", "''").replace('"', '""'),
        durable="on" if durable else "off",
    )
    (cluster / "postgresql.conf").write_text(text)
