from datetime import UTC, date, datetime

import pytest

from apps.common.actor import SYSTEM
from apps.common.errors import Conflict, NotFound
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.memories import update_memory
from apps.memories.models import Memory, Vector, Version
from tests.support.kernel import SAID_AT, add, find, search


def update(tenant, memory_id, **fields):
    return update_memory(tenant_id=tenant.id, memory_id=memory_id, by=SYSTEM, **fields)


def versions(tenant, memory_id):
    with tenant_scope(tenant.id):
        rows = Version.objects.filter(memory=memory_id).order_by("number")
        return [(row.number, row.event, row.text, row.metadata) for row in rows]


def found_by_words(tenant, query):
    return {hit.memory.text for hit in search(tenant, query, top_k=100) if hit.parts.bm25 > 0}


def test_update_changes_the_text_and_adds_a_version(tenant):
    [memory_id] = add(tenant, "My xylophone broke.", metadata={"a": 1})

    changed = update(tenant, memory_id, text="My trombone broke.")

    assert (changed.text, changed.metadata, changed.created_at) == (
        "My trombone broke.",
        {"a": 1},
        SAID_AT,
    )
    assert versions(tenant, memory_id) == [
        (1, "ADD", "My xylophone broke.", {"a": 1}),
        (2, "UPDATE", "My trombone broke.", {"a": 1}),
    ]


def test_updated_memory_is_found_by_its_new_words_only(tenant):
    [memory_id] = add(tenant, "My xylophone broke.")

    update(tenant, memory_id, text="My trombone broke.")

    assert found_by_words(tenant, "trombone") == {"My trombone broke."}
    assert found_by_words(tenant, "xylophone") == set()


def test_update_of_metadata_leaves_the_vector(tenant):
    [memory_id] = add(tenant, "one", metadata={"a": 1})
    with tenant_scope(tenant.id):
        before = Vector.objects.values("embedding", "terms", "length", "thread").get()

    changed = update(tenant, memory_id, metadata=None)

    assert changed.metadata is None
    with tenant_scope(tenant.id):
        assert str(Vector.objects.values("embedding", "terms", "length", "thread").get()) == str(
            before
        )


def test_update_of_the_expiry_reaches_the_search(tenant):
    [memory_id] = add(tenant, "one", expires_on=date(2026, 1, 31))
    assert find(tenant, "one", today=date(2026, 2, 1)) == []

    update(tenant, memory_id, expires_on=None)

    assert find(tenant, "one", today=date(2026, 2, 1)) == ["one"]


def test_update_of_the_date_reaches_the_search(tenant):
    [memory_id] = add(tenant, "We met.", said_at=datetime(2025, 3, 2, tzinfo=UTC))

    update(tenant, memory_id, created_at=datetime(2025, 8, 9, tzinfo=UTC))

    near = {
        month: search(tenant, f"in {month} 2025")[0].parts.date > 0 for month in ("March", "August")
    }
    assert near == {"March": False, "August": True}


def test_update_of_an_immutable_memory_is_a_conflict(tenant):
    [memory_id] = add(tenant, "one", is_immutable=True)

    with pytest.raises(Conflict, match="immutable"):
        update(tenant, memory_id, text="two")

    assert find(tenant, "one") == ["one"]
    assert len(versions(tenant, memory_id)) == 1


def test_update_to_a_text_that_is_there_is_a_conflict(tenant):
    _, second = add(tenant, "one", "two")

    with pytest.raises(Conflict) as error:
        update(tenant, second, text="one")

    assert (error.value.field, sorted(find(tenant, "x"))) == ("text", ["one", "two"])


def test_update_to_its_own_text_is_none(tenant):
    [memory_id] = add(tenant, "one")

    assert update(tenant, memory_id, text="one").text == "one"


@pytest.mark.parametrize("fields", [{"text": "two"}, {"metadata": {"a": 1}}], ids=repr)
def test_update_of_a_memory_that_is_not_there_is_not_found(tenant, other_tenant, fields):
    [gone] = add(tenant, "one")
    [theirs] = add(other_tenant, "theirs")
    delete_memory(tenant_id=tenant.id, memory_id=gone, by=SYSTEM)

    for memory_id in (gone, theirs, uuid7()):
        with pytest.raises(NotFound):
            update(tenant, memory_id, **fields)

    assert find(other_tenant, "theirs") == ["theirs"]


def test_old_text_can_be_added_after_an_update(tenant):
    [memory_id] = add(tenant, "one")
    update(tenant, memory_id, text="two")

    [new_id] = add(tenant, "one")

    assert new_id != memory_id
    with tenant_scope(tenant.id):
        assert sorted(row.text for row in Memory.objects.all()) == ["one", "two"]
