"""What an entity left behind after its key was destroyed answers like something deleted."""

import pytest
from django.db import IntegrityError, transaction

from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.queries import with_keys
from apps.keys.ring import KeyDestroyed, destroy_entity_keys
from apps.memories.domain.deletion import delete_memories, delete_memory
from apps.memories.domain.memories import update_memory
from apps.memories.enums import EntityKind
from apps.memories.filters import parse_filters
from apps.memories.models import Entity, Memory, Vector
from apps.memories.pages import select_memories
from apps.memories.queries.entities import find_entities, get_entity, list_entities, search_entities
from apps.memories.queries.memories import get_any_memory, get_memory
from apps.memories.queries.versions import list_versions
from tests.support.kernel import SYSTEM, add, find

USER, AGENT = EntityKind.USER, EntityKind.AGENT
ANYBODY = {"user_id": "*"}


@pytest.fixture
def gone(tenant):
    """The memory of a user whose key is destroyed, beside one of a user whose key is not."""
    [memory_id] = add(tenant, ("Nadja", "Ada drinks tea."), metadata={"a": 1}, user="ada")
    add(tenant, "Bob drinks tea.", user="bob")
    destroy(tenant, USER, "ada")
    return memory_id


def destroy(tenant, kind, external_id):
    with tenant_scope(tenant.id):
        [entity] = find_entities([(kind, external_id)]).values()
        destroy_entity_keys([entity.id])
        return entity.id


def test_memory_is_not_found(tenant, gone):
    with tenant_scope(tenant.id), pytest.raises(NotFound):
        get_memory(gone)


def test_list_leaves_it_out(tenant, gone):
    with tenant_scope(tenant.id):
        anybody, ada = (
            select_memories(parse_filters(filters)).read(offset=0, limit=10)
            for filters in (ANYBODY, {"user_id": "ada"})
        )

    assert [row.text for row in anybody] == ["Bob drinks tea."]
    assert ada == []


def test_search_leaves_it_out(tenant, gone):
    assert find(tenant, "tea", ANYBODY) == ["Bob drinks tea."]
    assert find(tenant, "tea", {"user_id": "ada"}) == []


def test_history_keeps_events_without_text(tenant, gone):
    with tenant_scope(tenant.id):
        memory, versions = get_any_memory(gone), list_versions(gone)

    assert (memory.text, memory.metadata, memory.speaker) == (None, None, None)
    assert memory.entity_names == {}
    assert [(row.event, row.text, row.metadata) for row in versions] == [("ADD", None, None)]


def test_entity_is_neither_shown_nor_listed_nor_found(tenant, gone):
    with tenant_scope(tenant.id):
        [row] = find_entities([(USER, "ada")]).values()
        with pytest.raises(NotFound):
            get_entity(row.id)
        lists = [
            list_entities(limit=10),
            list_entities(limit=10, by_size=True),
            search_entities(kind=USER, part="a", limit=10),
            search_entities(kind=USER, part="ada", limit=10),
            search_entities(kind=USER, part="b", limit=10),
        ]

    names = [[size.entity.external_id for size in sizes] for sizes in lists]
    assert names == [["bob"], ["bob"], [], [], ["bob"]]


def test_others_memory_that_names_it_stays_readable(tenant):
    [memory_id] = add(tenant, "Ada asked the bot.", user="ada", agent="bot")
    destroy(tenant, AGENT, "bot")

    with tenant_scope(tenant.id):
        memory = get_memory(memory_id)
        assert (memory.text, memory.entity_names) == ("Ada asked the bot.", {USER: "ada"})
    assert find(tenant, "asked") == ["Ada asked the bot."]


@pytest.mark.parametrize("change", [{"text": "new"}, {"metadata": {"b": 2}}, {"expires_on": None}])
def test_changing_it_is_a_conflict(tenant, gone, change):
    with pytest.raises(KeyDestroyed) as error:
        update_memory(tenant_id=tenant.id, memory_id=gone, by=SYSTEM, **change)

    assert error.value.status == 409


def test_adding_to_the_entity_is_a_conflict(tenant, gone):
    with pytest.raises(KeyDestroyed):
        add(tenant, "Ada drinks coffee.", user="ada")


def test_deleting_it_works(tenant, gone):
    delete_memory(tenant_id=tenant.id, memory_id=gone, by=SYSTEM)

    with tenant_scope(tenant.id):
        assert Memory.objects.filter(id=gone, deleted_at=None).count() == 0
        assert Vector.objects.count() == 1


def test_deleting_all_of_the_entity_works(tenant, gone):
    filters = parse_filters({"user_id": "ada"})

    assert delete_memories(tenant_id=tenant.id, filters=filters, by=SYSTEM) == 1


def test_blanked_row_can_not_be_saved(tenant, gone):
    with tenant_scope(tenant.id):
        [memory] = with_keys(Memory.objects.filter(id=gone))
        [entity] = with_keys(Entity.objects.filter(id=memory.key_owner_id), owner="id")
        for row in (memory, entity):
            with pytest.raises(IntegrityError), transaction.atomic():
                row.save()
