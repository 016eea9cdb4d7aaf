"""Taking a new master key into use: what is re-wrapped, what is recorded, what a check finds."""

import pytest

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys import wrapping
from apps.keys.instance import PEPPER, forget_instance_secrets, read_instance_secret
from apps.keys.master import MasterKeyMismatch, master_keys
from apps.keys.models import TenantKey
from apps.keys.ring import create_tenant_key, current_ring, rewrap_tenant_key
from apps.tenants.domain import tenant_keys
from apps.tenants.domain.tenant_keys import Rotation, check_master_key, rotate_keys
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.models import Tenant
from tests.support.kernel import add, dump_rows, find

NEW = b"n" * 32


@pytest.fixture
def old(cold_keys):
    """The key of the test database."""
    yield master_keys()[0].raw
    forget_instance_secrets()


@pytest.fixture
def configure(settings):
    """The keys of a process that starts now."""

    def configure(*keys):
        settings.MASTER_KEY, settings.MASTER_KEY_PREVIOUS = (*keys, None)[:2]
        wrapping._cache.clear()
        forget_instance_secrets()
        master_keys.cache_clear()

    return configure


def rotate():
    told = []
    return rotate_keys(tell=lambda *step: told.append(step), by=SYSTEM), told


def list_rotations(tenant_id):
    with tenant_scope(tenant_id):
        events = AuditEvent.objects.filter(action=Action.KEYS_ROTATE)
        return list(events.values_list("actor_kind", "target_id", "facts"))


def test_every_tenant_and_the_instance_open_under_the_new_key_alone(
    tenant, other_tenant, old, configure
):
    pepper = read_instance_secret(PEPPER).raw
    add(tenant, "Ada drinks tea.")
    configure(NEW, old)

    total = Tenant.objects.count()
    assert rotate() == (Rotation(total, total, []), [(n, total) for n in range(1, total + 1)])

    configure(NEW)
    check_master_key()
    add(tenant, "Ada drinks coffee.")
    add(other_tenant, "Ada drinks cocoa.")
    assert sorted(find(tenant, "drinks")) == ["Ada drinks coffee.", "Ada drinks tea."]
    assert find(other_tenant, "drinks") == ["Ada drinks cocoa."]
    assert read_instance_secret(PEPPER).raw == pepper


def test_nothing_but_tenant_keys_and_audit_events_changes(tenant, old, configure):
    add(tenant, "Ada drinks tea.", user="ada", agent="bot")
    before = dump_rows(tenant.id)
    configure(NEW, old)

    rotate()

    after = dump_rows(tenant.id)
    changed = {label for label in before if before[label] != after[label]}
    assert changed == {"keys.TenantKey", "audit.AuditEvent", "audit.AuditDue"}
    assert len(before["keys.EntityKey"]) == 2


def test_each_rewrapped_tenant_has_one_event(tenant, old, configure):
    ids = (tenant.id, INSTANCE_TENANT_ID)
    before = {tenant_id: list_rotations(tenant_id) for tenant_id in ids}
    configure(NEW, old)
    rotate()
    rotate()

    for tenant_id in ids:
        assert list_rotations(tenant_id) == [*before[tenant_id], ("system", tenant_id, {})]


def test_rotation_that_was_ended_goes_on_where_it_stood(
    tenant, other_tenant, old, configure, monkeypatch
):
    configure(NEW, old)
    seen, record = [], tenant_keys.record

    def fail(action, *, by, target_id):
        seen.append(target_id)
        if len(seen) == 2:
            raise KeyboardInterrupt
        record(action, by=by, target_id=target_id)

    monkeypatch.setattr(tenant_keys, "record", fail)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    monkeypatch.setattr(tenant_keys, "record", record)

    total = Tenant.objects.count()
    assert rotate()[0] == Rotation(total, total - 1, [])
    assert seen == [other_tenant.id, tenant.id]
    assert [len(list_rotations(id_)) for id_ in (other_tenant.id, tenant.id)] == [1, 1]
    configure(NEW)
    check_master_key()


def test_half_a_rotation_is_a_mismatch_under_either_key_alone(tenant, old, configure):
    configure(NEW, old)
    with tenant_scope(tenant.id):
        rewrap_tenant_key()
    check_master_key()

    for key in (old, NEW):
        configure(key)
        with pytest.raises(MasterKeyMismatch):
            check_master_key()


def test_after_a_rotation_the_old_key_is_a_mismatch(tenant, old, configure):
    configure(NEW, old)
    rotate()

    configure(old)
    with pytest.raises(MasterKeyMismatch, match="The master key does not open the tenant keys"):
        check_master_key()


def test_tenant_whose_key_opens_under_neither_is_named_and_the_others_go_on(
    tenant, other_tenant, old, configure
):
    Tenant.objects.create(name="Without a key", slug="keyless")
    configure(b"t" * 32)
    with tenant_scope(tenant.id):
        TenantKey.objects.all().delete()
        create_tenant_key()
    configure(NEW, old)

    total = Tenant.objects.count()
    assert rotate()[0] == Rotation(total, total - 2, ["keyless", "harbour"])

    configure(NEW)
    with tenant_scope(other_tenant.id):
        assert current_ring().tenant


def test_tenant_that_is_made_meanwhile_is_under_the_new_key(old, configure, db):
    configure(NEW, old)
    rotate()

    made = create_tenant(name="Later", by=SYSTEM)

    configure(NEW)
    assert rotate()[0] == Rotation(Tenant.objects.count(), 0, [])
    assert list_rotations(made.id) == []


def test_without_a_previous_key_nothing_is_rewrapped(tenant, old):
    assert rotate()[0] == Rotation(Tenant.objects.count(), 0, [])
