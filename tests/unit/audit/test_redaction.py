"""What is personal goes when its subject is erased; the trail verifies before and after."""

import pytest

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.redaction import redact_subject
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.ring import destroy_entity_keys
from apps.memories.models import Entity
from tests.support.kernel import add, dump_rows, find_plain

PERSONAL = {"ip": "203.0.113.77", "email": "ada@harbour.example"}


@pytest.fixture
def entity(tenant):
    add(tenant, "a text")
    with tenant_scope(tenant.id):
        return Entity.objects.get()


def write(trail, **fields):
    with tenant_scope(trail.tenant.id):
        return record(**{"action": Action.LOGOUT, "by": SYSTEM, "details": PERSONAL} | fields)


def redact(trail, subject_id):
    with tenant_scope(trail.tenant.id):
        return redact_subject(subject_id=subject_id, by=SYSTEM)


def list_detailed(trail):
    with tenant_scope(trail.tenant.id):
        return set(AuditDetail.objects.values_list("id", flat=True))


def test_details_of_a_subject_go_and_the_trail_verifies(trail, entity):
    about = write(trail, entity_id=entity.id)
    other = write(trail)
    trail.seal()
    before = trail.problems()

    assert redact(trail, entity.id) == 1

    trail.seal()
    assert (before, trail.problems()) == ([], [])
    assert list_detailed(trail) == {other.id}
    with tenant_scope(trail.tenant.id):
        event = AuditEvent.objects.get(action="audit.redact")
        assert (event.target_id, event.facts) == (entity.id, {"redacted": 1})
        assert AuditEvent.objects.filter(id=about.id, details_digest=about.details_digest).exists()


def test_details_by_or_at_an_operator_go(trail):
    operator = uuid7()
    write(trail, by=Actor(ActorKind.OPERATOR, operator))
    write(trail, target_id=operator)
    others = [write(trail, by=Actor(ActorKind.OPERATOR, uuid7())), write(trail, target_id=uuid7())]

    assert redact(trail, operator) == 2

    assert list_detailed(trail) == {event.id for event in others}
    assert trail.seal()
    assert trail.problems() == []


def test_nothing_personal_and_no_nonce_is_left(trail, entity):
    event = write(trail, entity_id=entity.id)
    with tenant_scope(trail.tenant.id):
        nonce = bytes(AuditDetail.objects.get().nonce)
    planted = dump_rows(trail.tenant.id)["audit.AuditDetail"]

    redact(trail, entity.id)

    dump = dump_rows(trail.tenant.id)
    assert nonce.hex() in planted[0]
    assert not [row for rows in dump.values() for row in rows if nonce.hex() in row]
    assert dump["audit.AuditDetail"] == []
    for word in PERSONAL.values():
        assert find_plain(dump, word) == set()
    assert str(event.id) in str(dump["audit.AuditEvent"])


def test_changed_details_are_found(trail, entity):
    """Somebody who can write rows can't write what was digested."""
    event = write(trail, entity_id=entity.id)
    write(trail)
    trail.seal()
    with tenant_scope(trail.tenant.id):
        row = AuditDetail.objects.get(id=event.id)
        redacted = redact_subject(subject_id=entity.id, by=SYSTEM)
        AuditDetail(id=row.id, entity_id=entity.id, details=PERSONAL, nonce=b"n" * 32).save(
            force_insert=True
        )

    sequence = 4  # after the tenant's making, the entity and its memory
    assert redacted == 1
    assert trail.problems() == [(sequence, "details")]


def test_details_moved_to_another_event_are_found(trail):
    bare, full = write(trail, details=None), write(trail)
    trail.seal()
    with tenant_scope(trail.tenant.id):
        row = AuditDetail.objects.get(id=full.id)
        AuditDetail(id=bare.id, details=PERSONAL, nonce=bytes(row.nonce)).save(force_insert=True)

    assert trail.problems() == [(2, "details")]


def test_details_under_a_destroyed_key_are_gone_and_no_problem(trail, entity):
    write(trail, entity_id=entity.id)
    trail.seal()

    with tenant_scope(trail.tenant.id):
        destroy_entity_keys([entity.id])

    assert len(list_detailed(trail)) == 1
    assert trail.problems() == []


def test_more_than_one_chunk(trail, monkeypatch):
    monkeypatch.setattr("apps.audit.domain.redaction.CHUNK", 2)
    operator = uuid7()
    for _ in range(5):
        write(trail, target_id=operator)

    assert redact(trail, operator) == 5
    assert list_detailed(trail) == set()
