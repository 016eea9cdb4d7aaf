import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from memoryhub.embedded import identity, kernel, postgres, server
from memoryhub.embedded.layout import LauncherError, Layout, prepare
from memoryhub.embedded.postgres import Role
from tests.support.processes import wait_until


@pytest.fixture
def empty(tmp_path) -> Layout:
    return prepare(tmp_path)


@pytest.fixture
def layout(empty, made_cluster) -> Layout:
    shutil.copytree(made_cluster, empty.cluster)
    return empty


@pytest.fixture
def start(layout):
    started = []

    def start() -> subprocess.Popen:
        started.append(server.start(layout, durable=False))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            server.stop(process)


def ask(layout: Layout, question: str, role: Role = Role.SUPERUSER, database: str = "memoryhub"):
    with psycopg.connect(
        **postgres.dsn(layout.root, role, database), autocommit=True
    ) as connection:
        cursor = connection.execute(question)
        return cursor.fetchall() if cursor.description else []


def test_first_start_makes_roles_database_and_extensions(layout, start):
    start()

    roles = "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolcanlogin"
    assert sorted(ask(layout, roles)) == [
        ("memoryhub", True, True, True),
        ("memoryhub_app", False, False, False),
        ("memoryhub_owner", False, False, True),
    ]
    extensions = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"
    expected = [("pg_stat_statements",), ("vector",)]
    assert ask(layout, extensions) == expected
    assert ask(layout, extensions, database="template1") == expected
    database = """
        SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocprovider, datlocale
        FROM pg_database WHERE datname = 'memoryhub'
    """
    assert ask(layout, database) == [("memoryhub_owner", "UTF8", "b", "C.UTF-8")]


def test_server_listens_on_its_private_socket_only(layout, start):
    start()

    names = ("listen_addresses", "unix_socket_directories", "unix_socket_permissions")
    values = [ask(layout, f"SHOW {name}")[0][0] for name in names]

    assert values == ["", f'"{layout.run}"', "0700"]
    assert layout.cluster.stat().st_mode & 0o777 == 0o700


def test_a_failing_statement_leaves_no_text_in_the_log(layout, start):
    start()
    ask(layout, "CREATE TABLE person (name text UNIQUE); INSERT INTO person VALUES ('Ada Secret')")

    with pytest.raises(psycopg.errors.UniqueViolation):
        ask(layout, "INSERT INTO person VALUES ('Ada Secret')")

    log = (layout.logs / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "Ada Secret" not in log


def test_stop_is_clean_and_a_second_start_keeps_the_data(layout, start):
    process = start()
    ask(layout, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")

    server.stop(process)
    assert (process.returncode, server.is_ready(layout)) == (0, False)

    start()
    assert ask(layout, "SELECT id FROM kept") == [(7,)]


def test_start_after_a_kill_recovers(layout, start):
    process = start()
    ask(layout, "CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")

    process.kill()
    process.wait()
    start()

    assert ask(layout, "SELECT id FROM kept") == [(7,)]


def test_pid_files_that_name_another_living_program_are_no_obstacle(layout, start):
    stale = f"{os.getppid()}\n{layout.cluster}\n0\n5432\n{layout.run}\n\n0 0\nready\n"
    (layout.cluster / "postmaster.pid").write_text(stale)
    (layout.run / ".s.PGSQL.5432.lock").write_text(stale)

    start()

    assert ask(layout, "SELECT 1") == [(1,)]


def test_half_made_cluster_is_made_again(empty):
    unfinished = empty.postgres / "unfinished"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")

    server.stop(server.start(empty, durable=False))

    assert [folder.name for folder in empty.postgres.iterdir()] == ["data"]


def test_cluster_that_cannot_start_is_one_line(layout, start):
    (layout.cluster / "PG_VERSION").write_text("9\n")

    with pytest.raises(LauncherError) as error:
        start()

    assert "PostgreSQL does not start: " in str(error.value)
    assert "database files are incompatible with server" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down")
def test_root_becomes_nobody_where_namespaces_are_forbidden(layout, start, monkeypatch):
    monkeypatch.setattr(identity, "_works", lambda step: step is kernel.become_nobody)
    identity.step.cache_clear()
    process = start()

    status = Path(f"/proc/{process.pid}/status").read_text()
    assert f"Uid:\t{kernel.NOBODY}\t{kernel.NOBODY}\t{kernel.NOBODY}\t{kernel.NOBODY}\n" in status
    assert ask(layout, "SELECT 1") == [(1,)]
    server.stop(process)

    monkeypatch.undo()
    identity.step.cache_clear()
    start()
    assert ask(layout, "SELECT 1") == [(1,)]


def test_cluster_of_a_third_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    identity.step.cache_clear()

    with pytest.raises(LauncherError, match=r"belongs to .*: run this as that user"):
        identity.take_over(tmp_path)

    identity.step.cache_clear()


def test_server_ends_with_the_process_that_started_it(layout):
    program = """
import sys, pathlib, time
from memoryhub.embedded import layout, server
print(server.start(layout.prepare(pathlib.Path(sys.argv[1])), durable=False).pid, flush=True)
time.sleep(600)
"""
    starter = subprocess.Popen(
        [sys.executable, "-c", program, layout.root], stdout=subprocess.PIPE, text=True
    )
    pid = int(starter.stdout.readline())

    starter.send_signal(signal.SIGKILL)
    starter.communicate()

    wait_until(lambda: not Path(f"/proc/{pid}").exists())
