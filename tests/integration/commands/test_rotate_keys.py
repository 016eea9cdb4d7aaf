import json
import shutil
import subprocess
import sys
import uuid

import pytest
from django.db import connections, transaction

from apps.common.actor import SYSTEM
from apps.common.crypto import Key
from apps.common.secret_files import encode_key
from apps.isolation.scope import tenant_scope
from apps.keys.master import master_keys
from apps.keys.models import TenantKey
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.models import Tenant
from memoryhub.embedded.layout import PROJECT
from tests.integration.commands.run import run, run_process
from tests.integration.server import environment
from tests.support import sentinel
from tests.support.processes import wait_until

NO_PREVIOUS = "No previous master key is configured.\n"


def finding(rewrapped, total):
    return f"{rewrapped} of {total} tenant keys re-wrapped; all are under the present master key.\n"


@pytest.fixture
def total(tenant):
    return Tenant.objects.count()


@pytest.fixture
def folder(cold_keys, settings, tmp_path):
    """A data folder with the key of the test database."""
    path = shutil.copy(settings.MASTER_KEY_PATH, tmp_path / "master_key")
    settings.MASTER_KEY_PATH = path
    return tmp_path


@pytest.fixture
def replaced(cold_keys, settings):
    """A new key in the settings, and the old one as the previous."""
    settings.MASTER_KEY_PREVIOUS = master_keys()[0].raw
    settings.MASTER_KEY = b"n" * 32
    master_keys.cache_clear()


def test_says_how_many_were_rewrapped_and_again_that_none_is_left(total, replaced):
    progress = f"{total} of {total} tenants\n"

    assert run("rotate_keys") == (0, finding(total, total), progress)
    assert run("rotate_keys") == (0, finding(0, total), progress)


def test_json_is_one_document(total, replaced):
    code, out, _ = run("rotate_keys", "--json")

    assert (code, json.loads(out)) == (0, {"tenants": total, "rewrapped": total})


def test_without_a_previous_key_it_says_so(total):
    assert run("rotate_keys") == (
        0,
        finding(0, total),
        f"{NO_PREVIOUS}{total} of {total} tenants\n",
    )


def test_progress_has_a_line_a_hundred_tenants(total, replaced, monkeypatch):
    monkeypatch.setattr("apps.tenants.management.commands.rotate_keys.STEP", 1)

    assert run("rotate_keys").err == "".join(
        f"{done} of {total} tenants\n" for done in range(1, total + 1)
    )


def test_new_key_is_made_in_the_data_folder(total, folder):
    before = (folder / "master_key").read_text()

    code, out, err = run("rotate_keys", "--new-key")

    assert (code, out) == (0, finding(total, total))
    assert err.splitlines()[0] == (
        f"There is a new master key. The one before it is {folder}/master_key.previous."
    )
    assert (folder / "master_key.previous").read_text() == before
    assert (folder / "master_key").read_text() != before


def test_second_new_key_is_refused_until_the_previous_one_is_gone(total, folder):
    run("rotate_keys", "--new-key")
    first = (folder / "master_key").read_text()

    code, out, err = run("rotate_keys", "--new-key")

    assert (code, out) == (1, "")
    assert err.startswith("A previous master key is still there.")
    assert (folder / "master_key").read_text() == first
    (folder / "master_key.previous").unlink()
    assert run("rotate_keys", "--new-key").code == 0


def test_wrong_keys_are_one_line_and_no_new_key_is_made(total, folder):
    (folder / "master_key").write_text(encode_key(bytes(32)))

    code, out, err = run("rotate_keys", "--new-key")

    assert (code, out) == (1, "")
    assert err.startswith("The master key does not open the tenant keys.")
    assert [path.name for path in folder.iterdir()] == ["master_key"]


def test_tenant_whose_key_opens_under_neither_is_named(total, replaced):
    middle = create_tenant(name="Middle", by=SYSTEM)
    create_tenant(name="Newest", by=SYSTEM)
    with tenant_scope(middle.id):
        TenantKey.objects.update(wrapped=b"broken")

    assert run("rotate_keys") == (
        1,
        "",
        f"1 of {total + 2} tenant keys open under no master key that is configured: middle",
    )


@pytest.fixture
def keys(django_db_setup, django_db_blocker):
    """Settings of the new key and of the old one. In the end the old one wraps everything again."""
    new, old = encode_key(Key.generate().raw), encode_key(master_keys()[0].raw)
    forth = {"MEMORYHUB_MASTER_KEY": new, "MEMORYHUB_MASTER_KEY_PREVIOUS": old}
    back = {"MEMORYHUB_MASTER_KEY": old, "MEMORYHUB_MASTER_KEY_PREVIOUS": new}
    with django_db_blocker.unblock():
        try:
            yield forth
        finally:
            assert run_process("rotate_keys", **back).code == 0
            with sentinel.off("committed rows"), connections["owner"].cursor() as cursor:
                cursor.execute("DELETE FROM audit_auditevent WHERE action = 'keys.rotate'")
            connections["owner"].close()
            connections["default"].close()


def count_waiting():
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_killed_rotation_goes_on_where_it_stood(keys):
    middle, _ = (create_tenant(name=f"Rotated {uuid.uuid4()}", by=SYSTEM) for _ in range(2))
    total = Tenant.objects.count()

    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        with sentinel.off("committed rows"):
            cursor.execute(
                f"SELECT FROM {TenantKey._meta.db_table} WHERE tenant_id = %s FOR UPDATE",
                [middle.id],
            )
        command = [sys.executable, PROJECT / "manage.py", "rotate_keys"]
        rotation = subprocess.Popen(command, env=environment() | keys, cwd=PROJECT)
        wait_until(count_waiting)
        rotation.kill()
        rotation.wait()

    progress = f"{total} of {total} tenants\n"
    assert run_process("rotate_keys", **keys) == (0, finding(total - 1, total), progress)
    alone = {"MEMORYHUB_MASTER_KEY": keys["MEMORYHUB_MASTER_KEY"]}
    assert run_process("rotate_keys", **alone) == (0, finding(0, total), NO_PREVIOUS + progress)
    with_old = run_process("rotate_keys")
    assert (with_old.code, with_old.out) == (1, "")
    assert with_old.err.startswith("CommandError: The master key does not open the tenant keys.")


def test_wrong_usage_is_2(django_db_setup):
    assert run_process("rotate_keys", "--all").code == 2
