import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.audit.actions import Action, Outcome
from apps.audit.models import AuditEvent
from apps.common.ids import uuid7
from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.isolation.writes import Insert, Update
from apps.memories.models import Erasure, Memory, Version
from tests.support.kernel import SAID_AT, add

insert_memories = Insert(Memory, unique=("tenant_id", "digest"))
insert_versions = Insert(Version)
update_memories = Update(Memory, fields=("text", "metadata", "is_immutable"))


@pytest.fixture
def first(tenant):
    [memory_id] = add(tenant, "first")
    with tenant_scope(tenant.id):
        return Memory.objects.get(id=memory_id)


def make_memory(like, text, digest):
    return Memory(
        key_owner_id=like.key_owner_id,
        user_id=like.user_id,
        text=text,
        metadata={"é": [1, None, 'a "quoted" \\ word']},
        role="user",
        digest=digest,
        created_at=SAID_AT,
        updated_at=timezone.now(),
    )


def test_inserted_rows_are_what_django_would_have_saved(tenant, first):
    with tenant_scope(tenant.id):
        rows = [make_memory(first, "two\n", b"\0\xff2"), make_memory(first, "three", b"3")]
        rows[1].is_immutable, rows[1].expires_on = True, SAID_AT.date()

        inserted = insert_memories(rows)

        assert inserted == {row.id for row in rows}
        for row in rows:
            fresh = Memory.objects.get(id=row.id)
            for field in Memory._meta.local_concrete_fields:
                assert getattr(fresh, field.attname) == getattr(row, field.attname), field.name
            assert row._state.adding is False


def test_insert_takes_arrays_and_json(tenant):
    with tenant_scope(tenant.id):
        erasure = Erasure(digests=[b"\0a", b"\xff"], erased_at=SAID_AT)
        event = AuditEvent(
            occurred_at=SAID_AT,
            action=Action.MEMORY_ADD,
            actor_kind="system",
            outcome=Outcome.DONE,
            facts={"a": [1, "x"], "b": None},
        )
        Insert(Erasure)([erasure])
        Insert(AuditEvent)([event])

        assert [bytes(part) for part in Erasure.objects.get(id=erasure.id).digests] == [
            b"\0a",
            b"\xff",
        ]
        found = AuditEvent.objects.get(id=event.id)
        assert (found.facts, found.action) == ({"a": [1, "x"], "b": None}, "memory.add")


def test_insert_leaves_out_what_repeats_the_unique_columns(tenant, first):
    with tenant_scope(tenant.id):
        again, new = make_memory(first, "again", first.digest), make_memory(first, "new", b"new")

        assert insert_memories([again, new]) == {new.id}
        assert not Memory.objects.filter(id=again.id).exists()


def test_insert_without_unique_columns_raises_on_a_repeat(tenant, first):
    with pytest.raises(IntegrityError), tenant_scope(tenant.id):
        Insert(Memory)([make_memory(first, "again", first.digest)])


def test_any_number_of_rows_is_one_and_the_same_statement(tenant, first):
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with tenant_scope(tenant.id), connection.execute_wrapper(watch):
        for count in (1, 3):
            rows = [make_memory(first, "x", f"{count}.{n}".encode()) for n in range(count)]
            insert_memories(rows)

    inserts = [sql for sql in seen if sql.startswith("INSERT")]
    assert inserts == [inserts[0]] * 2


def test_no_rows_need_no_statement(tenant):
    with tenant_scope(tenant.id), CaptureQueriesContext(connection) as queries:
        assert insert_versions([]) == set()
        update_memories([])

    assert len(queries) == 0


def test_update_writes_the_named_fields_and_no_others(tenant, first):
    with tenant_scope(tenant.id):
        first.text, first.metadata, first.role = "changed", {"k": 1}, "assistant"
        update_memories([first])
        fresh = Memory.objects.get(id=first.id)

        assert (fresh.text, fresh.metadata, fresh.role) == ("changed", {"k": 1}, "user")


@pytest.mark.parametrize("write", [insert_memories, update_memories])
def test_rows_of_another_tenant_are_refused(tenant, other_tenant, first, write):
    with tenant_scope(other_tenant.id), pytest.raises(TenantScopeError):
        write([first])
    with pytest.raises(TenantScopeError):
        write([first])


def test_update_can_not_reach_a_row_of_another_tenant(tenant, other_tenant, first):
    """A row that claims to be ours, with the id of theirs."""
    with tenant_scope(other_tenant.id):
        first.tenant_id, first.is_immutable = other_tenant.id, True
        Update(Memory, fields=("is_immutable",))([first])

    with tenant_scope(tenant.id):
        assert Memory.objects.get(id=first.id).is_immutable is False


def test_database_refuses_a_reference_into_another_tenant(tenant, other_tenant, first):
    with pytest.raises(IntegrityError), tenant_scope(other_tenant.id):
        insert_versions(
            [
                Version(
                    id=uuid7(),
                    memory_id=first.id,
                    key_owner_id=first.key_owner_id,
                    number=9,
                    event="ADD",
                    created_at=SAID_AT,
                )
            ]
        )
