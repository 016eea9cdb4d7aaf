"""The embedded database starts for a command and stops after it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from memoryhub.embedded.layout import PROJECT, prepare
from tests.support.processes import find, living, wait_until

COMMAND = """
import sys
import psycopg
from memoryhub.embedded import postgres
from memoryhub.embedded.command import database_for
from memoryhub.embedded.layout import LauncherError, data_dir

try:
    with database_for(["manage.py", *sys.argv[1:]]):
        with psycopg.connect(**postgres.dsn(data_dir(), postgres.Role.OWNER)) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(1)")
            connection.execute("CREATE TABLE IF NOT EXISTS visit ()")
            connection.execute("INSERT INTO visit DEFAULT VALUES")
            print(*connection.execute("SELECT count(*) FROM visit").fetchone(), flush=True)
        sys.stdin.readline()
        with psycopg.connect(**postgres.dsn(data_dir(), postgres.Role.APP)) as connection:
            connection.execute("SELECT 1")
except LauncherError as error:
    sys.exit(str(error))
"""


@pytest.fixture
def data(tmp_path, made_cluster) -> Path:
    layout = prepare(tmp_path / "data")
    shutil.copytree(made_cluster, layout.cluster)
    return layout.root


@pytest.fixture
def start(data, monkeypatch):
    monkeypatch.setenv("MEMORYHUB_DATA_DIR", str(data))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    started = []

    def start(*arguments: str) -> subprocess.Popen:
        pipe = subprocess.PIPE
        command = [sys.executable, "-c", COMMAND, *(arguments or ["migrate"])]
        started.append(
            subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
        )
        return started[-1]

    yield start
    for command in started:
        command.kill()
        command.communicate()
    wait_until(lambda: not living(data))


def finish(command: subprocess.Popen) -> tuple[int, str]:
    """End of a command that waits for a line: exit code and what it said of an error."""
    _, errors = command.communicate("\n")
    return command.returncode, errors


def test_database_runs_for_the_command_only_and_keeps_its_data(start, data):
    first = start()
    assert first.stdout.readline() == "1\n"
    assert finish(first) == (0, "")
    assert living(data) == {}

    second = start()
    assert second.stdout.readline() == "2\n"
    assert finish(second) == (0, "")


def test_two_at_once_share_it_and_the_last_one_stops_it(start, data):
    first, second = start(), start()
    counts = {first.stdout.readline(), second.stdout.readline()}
    assert counts == {"1\n", "2\n"}

    assert finish(first) == (0, "")
    find(data, "bin/postgres")
    assert finish(second) == (0, "")

    assert living(data) == {}


def test_killed_command_leaves_nothing_behind(start, data):
    command = start()
    command.stdout.readline()

    command.kill()
    command.communicate()

    wait_until(lambda: not living(data))


def test_command_that_needs_no_database_starts_none(start, data):
    _, errors = start("check").communicate()

    assert "No such file or directory" in errors
    assert not (data / "logs" / "postgres.log").exists()


def test_outside_database_starts_none(start, data, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")

    _, errors = start().communicate()

    assert "No such file or directory" in errors
    assert not (data / "logs" / "postgres.log").exists()


def test_database_that_cannot_start_is_one_line(start, data):
    finish(start())
    cluster = data / "postgres" / "data"
    (cluster / "PG_VERSION").unlink()
    (cluster / "PG_VERSION").mkdir()

    code, errors = finish(start())

    assert code == 1
    assert errors.startswith("PostgreSQL does not start: ")
    assert errors.count("\n") == 1


def test_killed_keeper_does_not_take_the_next_command_down(start, data):
    waiting = start()
    waiting.stdout.readline()
    os.kill(find(data, "memoryhub.embedded.keeper"), signal.SIGKILL)
    wait_until(lambda: not any("bin/postgres" in text for text in living(data).values()))

    second = start()

    assert second.stdout.readline() == "2\n"
    assert finish(second) == (0, "")
    assert finish(waiting)[0] == 0
