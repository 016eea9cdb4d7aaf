"""What was denied or failed is recorded after the rollback, in a transaction of its own."""

import pytest
from django.db import DataError, connection, transaction

from apps.audit.actions import Action, Outcome, Refusal
from apps.audit.domain import record_refusal, records_refusals
from apps.audit.models import AuditEvent
from apps.common.actor import Actor, ActorKind
from apps.common.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.keys.ring import KeyDestroyed
from apps.memories.domain.memories import update_memory
from apps.memories.models import Memory
from tests.support.kernel import add

UNRECORDABLE = Actor("no event can hold this kind")


@pytest.fixture
def by():
    return Actor(ActorKind.API_KEY, uuid7())


@records_refusals(Action.MEMORY_UPDATE, target="memory_id")
def attempt(*, tenant_id, memory_id, by, error):
    """Changes something and then fails."""
    with tenant_scope(tenant_id), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO memories_embeddingmodel (name, dimensions, created_at, chosen_at)"
            " VALUES ('attempt', 1, now(), now())"
        )
        raise error


def list_events(tenant, by):
    with tenant_scope(tenant.id):
        rows = AuditEvent.objects.filter(actor_id=by.id).order_by("id")
        return list(rows.values_list("action", "target_id", "outcome", "facts"))


@pytest.mark.parametrize(
    ("error", "outcome", "reason"),
    [
        (Forbidden("no"), "denied", "forbidden"),
        (Conflict("no"), "failed", "conflict"),
        (KeyDestroyed("no"), "failed", "key-destroyed"),
        (Unavailable("no"), "failed", "unavailable"),
        (RuntimeError("no"), "failed", "error"),
    ],
)
def test_refusal_is_recorded_and_the_change_is_not_there(tenant, by, error, outcome, reason):
    target = uuid7()

    with pytest.raises(type(error)):
        attempt(tenant_id=tenant.id, memory_id=target, by=by, error=error)

    assert list_events(tenant, by) == [("memory.update", target, outcome, {"reason": reason})]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM memories_embeddingmodel WHERE name = 'attempt'")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("error", [Invalid("no"), NotFound("no")])
def test_wrong_input_is_no_event(tenant, by, error):
    with pytest.raises(type(error)):
        attempt(tenant_id=tenant.id, memory_id=uuid7(), by=by, error=error)

    assert list_events(tenant, by) == []


def test_inside_another_scope_nothing_is_recorded_yet(tenant, by):
    with tenant_scope(tenant.id):
        with pytest.raises(Conflict), transaction.atomic():
            attempt(tenant_id=tenant.id, memory_id=uuid7(), by=by, error=Conflict("no"))

    assert list_events(tenant, by) == []


def test_refusal_that_can_not_be_recorded_is_logged_and_the_error_goes_on(tenant, caplog):
    with pytest.raises(Conflict):
        attempt(tenant_id=tenant.id, memory_id=uuid7(), by=UNRECORDABLE, error=Conflict("no"))

    assert [record.msg["event"] for record in caplog.records] == ["refusal not recorded"]


def test_event_that_can_not_be_written_fails_the_change_with_its_own_error(tenant, caplog):
    with pytest.raises(DataError):
        add(tenant, "a text", by=UNRECORDABLE)

    assert [record.msg["error"] for record in caplog.records] == ["DataError"]


def test_changing_an_immutable_memory_is_recorded(tenant, by):
    [memory_id] = add(tenant, "a text", is_immutable=True)

    with pytest.raises(Conflict):
        update_memory(tenant_id=tenant.id, memory_id=memory_id, text="another", by=by)

    assert list_events(tenant, by) == [
        ("memory.update", memory_id, "failed", {"reason": "conflict"})
    ]
    with tenant_scope(tenant.id):
        assert Memory.objects.get().text == "a text"


def test_record_refusal_opens_a_scope_of_its_own(tenant, by):
    record_refusal(
        Action.MEMORY_DELETE,
        tenant_id=tenant.id,
        by=by,
        outcome=Outcome.FAILED,
        reason=Refusal.ERROR,
    )

    assert list_events(tenant, by) == [("memory.delete", None, "failed", {"reason": "error"})]
