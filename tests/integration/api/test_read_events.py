"""Which reads by an application leave an event is the tenant's choice."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine

from apps.api import reads
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.models import Entity
from apps.tenants.domain.tenants import audit_api_reads
from apps.tenants.enums import ReadAudit

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_seen():
    reads._seen.clear()


@pytest.fixture
def choose(tenant):
    return lambda which: audit_api_reads(tenant=tenant, which=which, by=SYSTEM)


def list_reads(tenant):
    with tenant_scope(tenant.id):
        rows = AuditEvent.objects.filter(action__in=["memory.read", "memory.search"])
        return list(rows.order_by("id").values_list("action", "actor_kind", "target_id", "facts"))


def entity_ids(tenant):
    with tenant_scope(tenant.id):
        return [row.id for row in Entity.objects.order_by("created_at")]


def read_everything(api, memory_id):
    api.get(f"/v1/memories/{memory_id}/")
    api.get(f"/v1/memories/{memory_id}/history/")
    api.page({"user_id": "ada"})
    api.hits("tea")


def test_off_is_the_default_and_records_nothing(api, tenant):
    [memory_id] = api.add("I like tea.")

    read_everything(api, memory_id)

    assert tenant.api_reads == "off"
    assert list_reads(tenant) == []


def test_all_records_each_read_with_its_count(api, tenant, choose):
    memory_id, _ = api.add("I like tea.", "I like coffee.")
    choose(ReadAudit.ALL)

    read_everything(api, memory_id)

    [entity_id] = entity_ids(tenant)
    assert list_reads(tenant) == [
        ("memory.read", "api_key", UUID(memory_id), {"count": 1}),
        ("memory.read", "api_key", UUID(memory_id), {"count": 1}),
        ("memory.read", "api_key", entity_id, {"count": 2}),
        ("memory.search", "api_key", entity_id, {"count": 2}),
    ]


def test_reads_of_several_entities_have_no_single_target(api, tenant, choose):
    api.add("I like tea.", user_id="ada")
    api.add("I like coffee.", user_id="bob")
    choose(ReadAudit.ALL)

    api.page({"user_id": "*"})

    assert list_reads(tenant) == [("memory.read", "api_key", None, {"count": 2})]


def test_what_reads_nothing_is_no_event(api, tenant, choose):
    choose(ReadAudit.ALL)

    api.page({"user_id": "ada"})
    api.hits("tea")
    api.get("/v1/memories/01990000-0000-7000-8000-000000000000/")

    assert list_reads(tenant) == []


def test_sampled_records_the_first_of_each_key_and_entity_in_an_hour(
    api, as_key, make_key, tenant, choose
):
    api.add("I like tea.", user_id="ada")
    api.add("I like coffee.", user_id="bob")
    other = as_key(make_key(name="other"))
    choose(ReadAudit.SAMPLED)
    ada, bob = entity_ids(tenant)

    with time_machine.travel(NOON, tick=False):
        for _ in range(3):
            api.page({"user_id": "ada"})
        api.page({"user_id": "bob"})
        other.page({"user_id": "ada"})
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        api.page({"user_id": "ada"})

    assert [target for _, _, target, _ in list_reads(tenant)] == [ada, bob, ada, ada]


def test_what_was_seen_is_forgotten_from_a_size_on(api, tenant, choose, monkeypatch):
    monkeypatch.setattr(reads, "REMEMBERED", 1)
    for user in ("ada", "bob"):
        api.add("I like tea.", user_id=user)
    choose(ReadAudit.SAMPLED)

    for user in ("ada", "bob", "ada"):
        api.page({"user_id": user})

    assert len(reads._seen) == 1
    assert len(list_reads(tenant)) == 3


def test_other_tenants_choose_for_themselves(api, other_api, tenant, other_tenant, choose):
    for each in (api, other_api):
        each.add("I like tea.")
    choose(ReadAudit.ALL)

    for each in (api, other_api):
        each.page({"user_id": "ada"})

    assert len(list_reads(tenant)) == 1
    assert list_reads(other_tenant) == []


def test_choice_is_an_event(tenant, choose):
    choose(ReadAudit.SAMPLED)

    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action="tenant.configure")
        assert (event.target_id, event.facts) == (tenant.id, {"api_reads": "sampled"})
