"""Without the right master key nothing starts: one line says why, and no new key is made."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apps.common.crypto import Key
from apps.common.secret_files import encode_key
from apps.keys.master import master_keys
from apps.operations.domain import health
from memoryhub.embedded.layout import PROJECT
from memoryhub.supervisor import programs
from tests.integration.commands.run import run_process
from tests.integration.server import environment, free_port

MANAGE = [sys.executable, PROJECT / "manage.py"]
RESPAWN = "--respawn-failed-workers"  # on a slow machine the web server would try for ever
PROGRAMS = {
    "web": [one for one in programs.web("127.0.0.1", free_port())._arguments if one != RESPAWN],
    "worker": programs.worker()._arguments,
    "first_run": [*MANAGE, "first_run"],
    "create_tenant": [*MANAGE, "create_tenant", "Never made"],
    "rotate_keys": [*MANAGE, "rotate_keys"],
}
WRONG = encode_key(Key.generate().raw)


@pytest.fixture
def lost(tmp_path):
    """A data folder without a master key."""
    (tmp_path / "keys").mkdir()
    return tmp_path


def refuse(program, **variables):
    """What a program says that must end by itself."""
    ended = subprocess.run(
        PROGRAMS[program],
        check=False,
        env=environment() | programs.ENVIRONMENT | variables,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_lost_key(django_db_setup, program, lost):
    said = refuse(program, MEMORYHUB_DATA_DIR=str(lost))

    assert f"There is no master key: set MEMORYHUB_MASTER_KEY or bring back {lost}/keys" in said
    assert [path.name for path in (lost / "keys").glob("master*")] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_wrong_key(django_db_setup, program):
    said = refuse(program, MEMORYHUB_MASTER_KEY=WRONG)

    assert "The master key does not open the tenant keys." in said


def test_malformed_key(django_db_setup, lost):
    (lost / "keys" / "master_key").write_text("not a key\n")

    said = refuse("web", MEMORYHUB_DATA_DIR=str(lost))

    assert f"{lost}/keys/master_key must be 32 random bytes in base64." in said


def test_unreadable_key(django_db_setup, lost):
    (lost / "keys" / "master_key").mkdir()  # root can read every file

    said = refuse("worker", MEMORYHUB_DATA_DIR=str(lost))

    assert f"{lost}/keys/master_key can't be read: Is a directory." in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("not a key", "MEMORYHUB_MASTER_KEY must be 32 random bytes in base64."),
        ("", "MEMORYHUB_MASTER_KEY_FILE names an empty file."),
        (b"\xff", "MEMORYHUB_MASTER_KEY_FILE can't be read: not text."),
        (None, "MEMORYHUB_MASTER_KEY_FILE can't be read: No such file or directory."),
    ],
)
def test_wrong_file_of_the_settings_is_one_line(django_db_setup, tmp_path, content, said):
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    done = run_process("create_tenant", "Never made", MEMORYHUB_MASTER_KEY_FILE=str(file))

    assert done == (1, "", f"{said}\n")


def test_right_key_of_a_file_starts(django_db_setup, tmp_path):
    file = tmp_path / "key"
    file.write_text(encode_key(master_keys()[0].raw))

    done = run_process("first_run", MEMORYHUB_MASTER_KEY_FILE=str(file))

    assert done == (0, "", "")


@pytest.mark.parametrize("is_lost", [True, False])
def test_process_without_the_right_key_is_not_ready(db, cold_keys, monkeypatch, lost, is_lost):
    monkeypatch.setitem(health.CHECKS, "broker", lambda: None)
    assert Client().get("/readyz").status_code == 200

    if is_lost:
        monkeypatch.setattr(settings, "MASTER_KEY_PATH", Path(lost / "master_key"))
    else:
        monkeypatch.setattr(settings, "MASTER_KEY", bytes(32))
    master_keys.cache_clear()
    from apps.keys import wrapping

    wrapping._cache.clear()

    assert Client().get("/readyz").status_code == 503


def test_database_that_does_not_answer_ends_no_process(monkeypatch):
    from django.db import OperationalError

    from memoryhub import start as module

    def fail():
        raise OperationalError

    monkeypatch.setattr(module, "check_restored", fail)

    module.check_start()


def test_what_a_command_leaves_to_workers_goes_to_our_broker(django_db_setup):
    code = "from celery import current_app; print(current_app.main, current_app.conf.broker_url)"

    done = run_process("shell", "--no-imports", "-c", code, CELERY_BROKER_URL="redis://127.0.0.1:1")

    assert (done.code, done.out) == (0, "memoryhub redis://127.0.0.1:1\n")
