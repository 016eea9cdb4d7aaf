"""The bytes under every hash and signature. They may never change for what is written already."""

import json
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from apps.audit.actions import Action, Outcome
from apps.audit.canonical import EVENT, checkpoint_bytes, describe_event, write_canonical
from apps.audit.domain import record
from apps.audit.models import AuditCheckpoint, AuditEvent
from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope

TENANT, ONE, TWO = (UUID(int=number) for number in (1, 2, 3))
AT = datetime(2026, 5, 4, 12, 0, 0, 418233, tzinfo=UTC)


def make_event(**fields):
    given = {
        "id": ONE,
        "tenant_id": TENANT,
        "occurred_at": AT,
        "action": "memory.add",
        "schema_version": 1,
        "actor_kind": "api_key",
        "actor_id": TWO,
        "outcome": "done",
        "request_id": "r1",
        "facts": {"repeated": 0, "added": 3},
    }
    return AuditEvent(**given | fields)


def test_bytes_of_an_event():
    assert write_canonical(EVENT, describe_event(make_event(), 7)) == (
        b"memoryhub.audit.event.v1\n"
        b'{"action":"memory.add","actor_id":"00000000-0000-0000-0000-000000000003",'
        b'"actor_kind":"api_key","details_digest":null,"facts":{"added":3,"repeated":0},'
        b'"id":"00000000-0000-0000-0000-000000000002",'
        b'"occurred_at":"2026-05-04T12:00:00.418233Z","outcome":"done","request_id":"r1",'
        b'"schema_version":1,"sequence":7,"target_id":null,'
        b'"tenant_id":"00000000-0000-0000-0000-000000000001"}'
    )


def test_bytes_of_a_checkpoint():
    checkpoint = AuditCheckpoint(
        tenant_id=TENANT,
        number=2,
        first=8,
        last=9,
        root=bytes([1]) * 32,
        previous=bytes([2]) * 32,
        sealed_at=AT,
        key_id="0123456789abcdef",
    )

    assert checkpoint_bytes(checkpoint) == (
        b"memoryhub.audit.checkpoint.v1\n"
        b'{"first":8,"key_id":"0123456789abcdef","last":9,"number":2,"previous":"'
        + b"02" * 32
        + b'","root":"'
        + b"01" * 32
        + b'","sealed_at":"2026-05-04T12:00:00.418233Z",'
        b'"tenant_id":"00000000-0000-0000-0000-000000000001"}'
    )


def test_times_are_the_same_in_any_zone_and_have_six_places():
    zone = timezone(timedelta(hours=2))

    assert describe_event(make_event(occurred_at=AT.astimezone(zone)), 1) == describe_event(
        make_event(), 1
    )
    whole = describe_event(make_event(occurred_at=AT.replace(microsecond=0)), 1)
    assert whole["occurred_at"] == "2026-05-04T12:00:00.000000Z"


def test_event_reads_back_as_the_same_bytes(tenant):
    with tenant_scope(tenant.id):
        made = record(
            Action.MEMORY_ADD, by=SYSTEM, target_id=uuid7(), added=2**40, repeated=0,
            details={"ip": "::1"},
        )  # fmt: skip
        read = AuditEvent.objects.get(id=made.id)

    assert describe_event(read, 1) == json.loads(json.dumps(describe_event(made, 1)))
    assert made.outcome == Outcome.DONE


def test_bytes_are_plain_json_with_sorted_keys():
    document = describe_event(make_event(facts={"b": True, "a": ["x", "y"]}), 1)

    plain = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    assert write_canonical(EVENT, document) == EVENT + plain
