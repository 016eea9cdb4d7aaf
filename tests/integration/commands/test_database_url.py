import json
import shutil
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings

from memoryhub import database
from memoryhub.embedded import postgres
from memoryhub.embedded.layout import PROJECT, is_embedded, prepare
from memoryhub.embedded.postgres import Role
from tests.integration.commands.run import run, run_process
from tests.support.processes import living

SERVING = "postgresql://app:secret@db.example/hub?sslmode=require"
OWNING = "postgresql://boss:secret@db.example/hub"

embedded_only = pytest.mark.skipif(
    not is_embedded("DATABASE_URL"), reason="DATABASE_URL names an outside server"
)


@pytest.fixture
def outside(monkeypatch):
    def outside(serving, owning=None):
        monkeypatch.setenv("DATABASE_URL", serving)
        if owning:
            monkeypatch.setenv("DATABASE_OWNER_URL", owning)
        return database.addresses(settings.DATA_DIR)

    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    return outside


@embedded_only
def test_prints_the_address_alone():
    serving = postgres.url(settings.DATA_DIR, Role.APP)
    admin = postgres.url(settings.DATA_DIR, Role.SUPERUSER)

    assert run("database_url") == (0, f"{serving}\n", "")
    assert run("database_url", "--admin") == (0, f"{admin}\n", "")
    assert json.loads(run("database_url", "--admin", "--json").out) == {"url": admin}


def test_an_outside_server_has_the_addresses_it_was_given(outside):
    assert outside(SERVING, OWNING) == (SERVING, OWNING)


def test_a_single_login_takes_its_own_role_back(outside):
    assert outside(SERVING) == (SERVING, f"{SERVING}&options=-c%20role%3Dapp")
    assert outside("dbname=hub user=app") == (
        "dbname=hub user=app",
        "user=app dbname=hub options='-c role=app'",
    )


@embedded_only
def test_a_single_login_serves_as_one_role_and_administers_as_another(outside, single_login):
    serving, admin = outside(single_login)

    assert [current_user(serving), current_user(admin)] == ["memoryhub_app", "single"]


def test_the_process_answers_for_its_environment():
    variables = {"DATABASE_URL": SERVING, "DATABASE_OWNER_URL": OWNING}

    assert run_process("database_url", "--admin", **variables) == (0, f"{OWNING}\n", "")
    assert run_process("database_url", "--superuser", **variables)[:2] == (2, "")


def test_it_answers_while_nothing_runs_and_leaves_nothing_behind(
    tmp_path, made_cluster, monkeypatch
):
    layout = prepare(tmp_path / "data")
    shutil.copytree(made_cluster, layout.cluster)
    monkeypatch.setenv("MEMORYHUB_DATA_DIR", str(layout.root))
    monkeypatch.delenv("DATABASE_URL", raising=False)

    answer = subprocess.run(
        [sys.executable, "manage.py", "database_url"],
        check=False,
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )

    address = postgres.url(layout.root, Role.APP)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, f"{address}\n", "")
    assert living(layout.root) == {}


@pytest.fixture
def single_login():
    """A login whose sessions begin as the serving role, as migrate leaves an outside server's."""
    with psycopg.connect(postgres.url(settings.DATA_DIR, Role.SUPERUSER), autocommit=True) as admin:
        admin.execute("CREATE ROLE single LOGIN IN ROLE memoryhub_app")
        admin.execute("ALTER ROLE single IN DATABASE memoryhub SET role TO memoryhub_app")
        yield postgres.url(settings.DATA_DIR, "single")
        admin.execute("DROP ROLE single")


def current_user(address):
    with psycopg.connect(address) as connection:
        return connection.execute("SELECT current_user").fetchone()[0]
