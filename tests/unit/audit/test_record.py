import hmac
import json
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import DatabaseError

from apps.audit.actions import Action, Outcome, Refusal
from apps.audit.domain import record
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.context import request_id
from apps.common.ids import uuid7
from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.memories.models import Entity
from tests.support.kernel import add, dump_rows, find_plain
from tests.support.sentinel import bare_cursor

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_record_writes_one_event_with_everything(tenant):
    actor, target = Actor(ActorKind.API_KEY, uuid7()), uuid7()
    token = request_id.set("0199-request")

    with time_machine.travel(NOON, tick=False), tenant_scope(tenant.id):
        made = record(
            Action.MEMORY_ADD,
            by=actor,
            target_id=target,
            outcome=Outcome.DENIED,
            added=3,
            reason=Refusal.FORBIDDEN,
        )
    request_id.reset(token)

    with tenant_scope(tenant.id):
        assert AuditEvent.objects.filter(id=made.id).values().get() == {
            "id": made.id,
            "tenant_id": tenant.id,
            "occurred_at": NOON,
            "action": "memory.add",
            "schema_version": 2,
            "actor_kind": "api_key",
            "actor_id": actor.id,
            "target_id": target,
            "outcome": "denied",
            "request_id": "0199-request",
            "facts": {"added": 3, "reason": "forbidden"},
            "details_digest": None,
        }
        assert AuditDetail.objects.count() == 0


def test_record_of_the_system_names_no_actor(tenant):
    with tenant_scope(tenant.id):
        made = record(Action.LOGOUT, by=SYSTEM)

        row = AuditEvent.objects.get(id=made.id)
        assert (row.actor_kind, row.actor_id, row.outcome, row.facts) == (
            "system",
            None,
            "done",
            {},
        )


def test_record_outside_a_scope_raises(db):
    with pytest.raises(TenantScopeError):
        record(Action.LOGOUT, by=SYSTEM)


def test_details_are_sealed_and_only_their_digest_is_in_the_event(tenant):
    details = {"ip": "203.0.113.77", "agent": "Netscape9"}
    with tenant_scope(tenant.id):
        made = record(Action.LOGIN, by=SYSTEM, details=details)

    with tenant_scope(tenant.id):
        event, detail = AuditEvent.objects.get(id=made.id), AuditDetail.objects.get(id=made.id)
        canonical = json.dumps(details, sort_keys=True, separators=(",", ":")).encode()
        assert detail.details == details
        assert bytes(event.details_digest) == hmac.digest(bytes(detail.nonce), canonical, "sha256")
        assert (event.facts, detail.key_owner_id) == ({}, None)
    for word in details.values():
        assert find_plain(dump_rows(tenant.id), word) == set()


def test_digests_of_equal_details_differ(tenant):
    with tenant_scope(tenant.id):
        made = [record(Action.LOGOUT, by=SYSTEM, details={"ip": "::1"}) for _ in range(2)]

    assert made[0].details_digest != made[1].details_digest


def test_details_about_an_entity_are_sealed_under_its_key(tenant):
    add(tenant, "a text")

    with tenant_scope(tenant.id):
        entity = Entity.objects.get()
        made = record(Action.LOGOUT, by=SYSTEM, details={"a": 1}, entity_id=entity.id)

        detail = AuditDetail.objects.get(id=made.id)
        assert (detail.key_owner_id, detail.details) == (entity.id, {"a": 1})


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_auditevent SET action = ''",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
    ],
)
def test_application_can_not_change_an_event(tenant, sql):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        tenant_scope(tenant.id),
        bare_cursor("attacks") as cursor,
    ):
        cursor.execute(sql)


def test_event_ids_are_in_the_order_of_writing(tenant):
    with tenant_scope(tenant.id):
        made = [record(Action.LOGOUT, by=SYSTEM).id for _ in range(5)]

        assert (
            list(
                AuditEvent.objects.filter(action="logout")
                .order_by("id")
                .values_list("id", flat=True)
            )
            == made
        )
