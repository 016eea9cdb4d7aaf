"""The master key: where it is read, when it is made, and how another takes its place."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.common.crypto import Key
from apps.common.errors import Conflict
from apps.common.ids import uuid7
from apps.common.secret_files import encode_key
from apps.isolation.scope import tenant_scope
from apps.keys import wrapping
from apps.keys.master import (
    MasterKeyMismatch,
    MasterKeyMissing,
    make_master_key,
    master_keys,
    read_master_key,
    replace_master_key,
    unwrap_tenant_key,
)
from apps.keys.models import TenantKey
from apps.keys.ring import create_tenant_key, current_ring, rewrap_tenant_key
from apps.keys.wrapping import wrap

OLD, NEW, THIRD = (bytes([number]) * 32 for number in (1, 2, 3))


@pytest.fixture
def folder(cold_keys, settings, tmp_path):
    """A data folder of its own that gives the keys."""
    settings.MASTER_KEY = settings.MASTER_KEY_PREVIOUS = None
    settings.MASTER_KEY_PATH = tmp_path / "keys" / "master_key"
    settings.MASTER_KEY_PATH.parent.mkdir()
    return tmp_path / "keys"


@pytest.fixture
def configure(cold_keys, settings):
    def configure(*keys):
        settings.MASTER_KEY, settings.MASTER_KEY_PREVIOUS = (*keys, None)[:2]
        master_keys.cache_clear()

    return configure


def put(path, raw):
    path.write_text(encode_key(raw) + "\n")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_keys_of_the_settings_go_before_the_files(folder, configure):
    put(folder / "master_key", THIRD)
    put(folder / "master_key.previous", THIRD)
    configure(NEW, OLD)

    assert [key.raw for key in master_keys()] == [NEW, OLD]


def test_keys_of_the_data_folder(folder):
    put(folder / "master_key", NEW)
    put(folder / "master_key.previous", OLD)

    assert [key.raw for key in master_keys()] == [NEW, OLD]


def test_previous_key_may_lie_in_the_data_folder_beside_one_of_the_settings(folder, settings):
    put(folder / "master_key.previous", OLD)
    settings.MASTER_KEY = NEW

    assert [key.raw for key in master_keys()] == [NEW, OLD]


def test_lost_key_is_told_with_its_place_and_none_is_made(folder):
    put(folder / "master_key.previous", OLD)

    with pytest.raises(MasterKeyMissing) as error:
        master_keys()

    assert str(error.value) == (
        f"There is no master key: set MEMORYHUB_MASTER_KEY or bring back {folder}/master_key."
        " Without it nothing that is stored can be read."
    )
    assert names(folder) == ["master_key.previous"]


@pytest.mark.parametrize("name", ["master_key", "master_key.previous"])
@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 44, b"A" * 43 + b"\n"])
def test_malformed_key_is_told_with_its_place(folder, name, content):
    put(folder / "master_key", NEW)
    (folder / name).write_bytes(content)

    with pytest.raises(ImproperlyConfigured) as error:
        master_keys()

    assert str(error.value) == f"{folder / name} must be 32 random bytes in base64."


@pytest.mark.parametrize("name", ["master_key", "master_key.previous"])
def test_unreadable_key_is_told_with_its_place(folder, name):
    put(folder / "master_key", NEW)
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()  # root can read every file

    with pytest.raises(ImproperlyConfigured) as error:
        master_keys()

    assert str(error.value) == f"{folder / name} can't be read: Is a directory."


def test_made_key_is_read_again_and_stays(folder):
    make_master_key()
    first = master_keys()[0].raw

    make_master_key()

    assert read_master_key().raw == first
    assert (folder / "master_key").stat().st_mode & 0o777 == 0o600


def test_no_file_is_made_beside_a_key_of_the_settings(folder, configure):
    configure(NEW)

    make_master_key()

    assert names(folder) == []


def test_replaced_key_stays_as_the_previous_one(folder):
    put(folder / "master_key", OLD)

    replace_master_key()

    current, previous = (key.raw for key in master_keys())
    assert previous == OLD
    assert current != OLD
    assert names(folder) == ["master_key", "master_key.previous"]
    assert (folder / "master_key").stat().st_mode & 0o777 == 0o600


def test_key_is_not_replaced_while_a_previous_one_is_there(folder):
    put(folder / "master_key", NEW)
    put(folder / "master_key.previous", OLD)

    with pytest.raises(Conflict, match="End that rotation with rotate_keys"):
        replace_master_key()

    assert [key.raw for key in master_keys()] == [NEW, OLD]


def test_key_of_the_settings_is_not_replaced_by_a_file(folder, configure):
    configure(OLD)

    with pytest.raises(Conflict, match="MEMORYHUB_MASTER_KEY gives the master key"):
        replace_master_key()

    assert names(folder) == []


@pytest.mark.parametrize("keys", [[OLD], [NEW, OLD], [OLD, NEW]])
def test_tenant_key_opens_under_the_present_or_the_previous_key(configure, keys):
    inner = Key.generate()
    wrapped = wrap(inner, under=Key(OLD), context=b"here")
    configure(*keys)

    assert unwrap_tenant_key(wrapped, b"here").raw == inner.raw


@pytest.mark.parametrize("keys", [[NEW], [NEW, THIRD]])
def test_tenant_key_under_neither_is_a_mismatch(configure, keys):
    wrapped = wrap(Key.generate(), under=Key(OLD), context=b"here")
    configure(*keys)

    with pytest.raises(MasterKeyMismatch, match="The master key does not open the tenant keys"):
        unwrap_tenant_key(wrapped, b"here")


def test_process_that_knows_the_old_key_finds_the_new_one_in_the_data_folder(folder):
    put(folder / "master_key", OLD)
    assert [key.raw for key in master_keys()] == [OLD]
    put(folder / "master_key", NEW)  # by another process
    inner = Key.generate()

    wrapped = wrap(inner, under=Key(NEW), context=b"here")

    assert unwrap_tenant_key(wrapped, b"here").raw == inner.raw


def test_process_that_knows_the_old_key_wraps_new_tenants_under_the_new_one(db, folder):
    put(folder / "master_key", OLD)
    assert [key.raw for key in master_keys()] == [OLD]
    put(folder / "master_key", NEW)

    with tenant_scope(uuid7()):
        create_tenant_key()
        put(folder / "master_key.previous", OLD)

        assert rewrap_tenant_key() is False


def test_rewrapped_key_is_the_same_key_in_other_bytes(db, configure):
    configure(OLD)
    tenant_id = uuid7()
    with tenant_scope(tenant_id):
        create_tenant_key()
        before = bytes(TenantKey.objects.get().wrapped)
        inner = current_ring().tenant.root.raw
    configure(NEW, OLD)

    with tenant_scope(tenant_id):
        assert [rewrap_tenant_key(), rewrap_tenant_key()] == [True, False]
        assert bytes(TenantKey.objects.get().wrapped) != before

    configure(NEW)
    with tenant_scope(tenant_id):
        assert current_ring().tenant.root.raw == inner
    configure(OLD)
    wrapping._cache.clear()  # as after a minute
    with tenant_scope(tenant_id), pytest.raises(MasterKeyMismatch):
        _ = current_ring().tenant


def test_key_under_neither_is_not_rewrapped(db, configure):
    configure(OLD)
    tenant_id = uuid7()
    with tenant_scope(tenant_id):
        create_tenant_key()
        before = bytes(TenantKey.objects.get().wrapped)
    configure(NEW, THIRD)

    with tenant_scope(tenant_id), pytest.raises(MasterKeyMismatch):
        rewrap_tenant_key()

    with tenant_scope(tenant_id):
        assert bytes(TenantKey.objects.get().wrapped) == before
