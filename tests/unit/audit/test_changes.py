"""A change and its event are one: what can't be recorded does not happen."""

import pytest
from django.db import DataError

from apps.accounts.models import Operator
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.ids import uuid7
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.memories.domain.deletion import delete_memories, delete_memory
from apps.memories.domain.memories import update_memory
from apps.memories.filters import parse_filters
from apps.tenants.domain.api_keys import create_api_key, find_api_key, revoke_api_key
from apps.tenants.domain.operators import create_operator, grant_membership
from apps.tenants.domain.tenants import audit_api_reads, create_instance_tenant, create_tenant
from apps.tenants.enums import ReadAudit, Role
from apps.tenants.models import Tenant
from tests.support.kernel import add, dump_rows, find_plain

UNRECORDABLE = Actor("no event can hold this kind")  # the database refuses the event
PASSWORD = "a long pass phrase, not a word"

CHANGES = {
    "add_memories": lambda tenant, ids, by: add(tenant, "a new text", by=by),
    "add_memories_of_a_new_entity": lambda tenant, ids, by: add(tenant, "text", user="bob", by=by),
    "update_memory": lambda tenant, ids, by: update_memory(
        tenant_id=tenant.id, memory_id=ids[0], text="another text", by=by
    ),
    "delete_memory": lambda tenant, ids, by: delete_memory(
        tenant_id=tenant.id, memory_id=ids[0], by=by
    ),
    "delete_memories": lambda tenant, ids, by: delete_memories(
        tenant_id=tenant.id, filters=parse_filters({"user_id": "ada"}), by=by
    ),
    "create_api_key": lambda tenant, ids, by: create_api_key(tenant=tenant, name="new", by=by),
    "revoke_api_key": lambda tenant, ids, by: revoke_api_key(key=tenant.api_keys.get(), by=by),
    "audit_api_reads": lambda tenant, ids, by: audit_api_reads(
        tenant=tenant, which=ReadAudit.ALL, by=by
    ),
    "create_tenant": lambda tenant, ids, by: create_tenant(name="New", by=by),
    "create_operator": lambda tenant, ids, by: create_operator(
        email="new@example.org", password=PASSWORD, tenant=tenant, role=Role.VIEWER, by=by
    ),
    "grant_membership": lambda tenant, ids, by: grant_membership(
        operator=Operator.objects.get(email="old@example.org"),
        tenant=tenant,
        role=Role.OWNER,
        by=by,
    ),
}
TAIL = {
    "add_memories": ["memory.add"],
    "add_memories_of_a_new_entity": ["entity.create", "memory.add"],
    "update_memory": ["memory.update"],
    "delete_memory": ["memory.delete"],
    "delete_memories": ["memory.delete"],
    "create_api_key": ["apikey.create"],
    "revoke_api_key": ["apikey.revoke"],
    "audit_api_reads": ["tenant.configure"],
    "create_tenant": [],  # in the new tenant's own trail
    "create_operator": ["membership.grant"],
    "grant_membership": ["membership.grant"],
}
each_change = pytest.mark.parametrize("name", CHANGES)


@pytest.fixture
def ids(tenant):
    create_api_key(tenant=tenant, name="old", by=SYSTEM)
    create_operator(
        email="old@example.org", password=PASSWORD, tenant=tenant, role=Role.VIEWER, by=SYSTEM
    )
    return add(tenant, "one text", "two texts")


@each_change
def test_change_without_its_event_does_not_happen(tenant, ids, name):
    before = dump_rows(tenant.id), dump_rows(INSTANCE_TENANT_ID)

    with pytest.raises(DataError):
        CHANGES[name](tenant, ids, UNRECORDABLE)

    assert (dump_rows(tenant.id), dump_rows(INSTANCE_TENANT_ID)) == before


@each_change
def test_change_happens_with_its_event(tenant, ids, name):
    by = Actor(ActorKind.OPERATOR, uuid7())
    before = dump_rows(tenant.id)

    CHANGES[name](tenant, ids, by)

    assert dump_rows(tenant.id) != before
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(actor_id=by.id, actor_kind="operator").order_by("id")
        assert list(events.values_list("action", flat=True)) == TAIL[name]


def test_new_tenant_has_its_event_in_its_own_trail(db):
    tenant = create_tenant(name="New", by=SYSTEM)

    with tenant_scope(tenant.id):
        [event] = AuditEvent.objects.all()
        assert (event.action, event.target_id) == ("tenant.create", tenant.id)


def test_new_operator_has_its_event_in_the_instances_trail(tenant, ids):
    operator = Operator.objects.get(email="old@example.org")

    with tenant_scope(INSTANCE_TENANT_ID):
        event = AuditEvent.objects.get(action="operator.create", target_id=operator.id)
        assert event.actor_kind == "system"


def test_instance_is_made_once(db):
    from django.db import IntegrityError

    with pytest.raises(IntegrityError):
        create_instance_tenant(by=SYSTEM)

    assert Tenant.objects.filter(slug="instance").count() == 1


def test_no_event_holds_text_ids_of_the_application_or_secrets(tenant):
    words = [
        "Zanzibar7",
        "quetzal9",
        "Nadja55",
        "external-42",
        "run-43",
        "new@example.org",
        "named-key",
    ]
    [memory_id] = add(
        tenant, ("Nadja55", "Zanzibar7"), metadata={"quetzal9": 1}, user="external-42", run="run-43"
    )
    update_memory(tenant_id=tenant.id, memory_id=memory_id, text="Zanzibar7 again", by=SYSTEM)
    delete_memories(
        tenant_id=tenant.id, filters=parse_filters({"user_id": "external-42"}), by=SYSTEM
    )
    key, text = create_api_key(tenant=tenant, name="named-key", by=SYSTEM)
    revoke_api_key(key=find_api_key(key.lookup_id), by=SYSTEM)
    create_operator(
        email="new@example.org", password=PASSWORD, tenant=tenant, role=Role.VIEWER, by=SYSTEM
    )

    for scope in (tenant.id, INSTANCE_TENANT_ID):
        dump = dump_rows(scope)
        trail = {"audit": dump["audit.AuditEvent"] + dump["audit.AuditDetail"]}
        assert trail["audit"]
        for word in [*words, PASSWORD, text, text.split("_")[2], key.lookup_id]:
            assert find_plain(trail, word) == set(), word
